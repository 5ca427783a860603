using System.Text.Json.Serialization;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Service.Features.Recycling.Jobs;

namespace LoraRecycle.Service.Features.Tuning;

/// <summary>The JSON of tuning for clients.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.Strict,
    Converters = [
        typeof(CamelCaseEnum<Objective>), typeof(CamelCaseEnum<LoraForm>), typeof(CamelCaseEnum<FactorStart>),
        typeof(CamelCaseEnum<Adjustment>), typeof(CamelCaseEnum<GateRule>), typeof(CamelCaseEnum<Chosen>),
    ])]
[JsonSerializable(typeof(TuneMethodsResponse))]
[JsonSerializable(typeof(TuneJobsResponse))]
[JsonSerializable(typeof(TuneJobResponse))]
internal sealed partial class TuneJson : JsonSerializerContext;
