using System.Text.Json.Serialization;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>The JSON of jobs for clients.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.Strict,
    Converters =
    [
        typeof(CamelCaseEnum<ActivationRule>), typeof(CamelCaseEnum<SplitPart>), typeof(CamelCaseEnum<MetaLoraStart>), typeof(CamelCaseEnum<JobState>),
        typeof(CamelCaseEnum<JobStage>), typeof(CamelCaseEnum<UnitKind>), typeof(CamelCaseEnum<UnitState>),
    ])]
[JsonSerializable(typeof(JobResponse))]
[JsonSerializable(typeof(JobsResponse))]
[JsonSerializable(typeof(JobImagesResponse))]
[JsonSerializable(typeof(DataSetsResponse))]
internal sealed partial class RecycleAnswersJson : JsonSerializerContext;
