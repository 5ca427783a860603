using System.Text.Json.Serialization;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Service.Features.Recycling.Jobs;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>The JSON of jobs for clients.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.Strict,
    Converters = [typeof(CamelCaseEnum<MetaLoraStart>)])] // the one enumeration in them: states and kinds are texts already
[JsonSerializable(typeof(JobResponse))]
[JsonSerializable(typeof(JobsResponse))]
[JsonSerializable(typeof(JobImagesResponse))]
[JsonSerializable(typeof(DataSetsResponse))]
internal sealed partial class RecycleAnswersJson : JsonSerializerContext;
