using System.Text.Json;
using System.Text.Json.Serialization;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Service.Features.Recycling.Settings;

namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>The JSON of jobs as the database keeps it; what clients get of them is in it, or made of it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.Strict,
    Converters = [
        typeof(CamelCaseEnum<ActivationRule>),
        typeof(CamelCaseEnum<SplitPart>),
        typeof(CamelCaseEnum<MetaLoraStart>),
        typeof(CamelCaseEnum<Objective>),
        typeof(CamelCaseEnum<LoraForm>),
        typeof(CamelCaseEnum<FactorStart>),
        typeof(CamelCaseEnum<Adjustment>),
        typeof(CamelCaseEnum<GateRule>),
        typeof(CamelCaseEnum<Chosen>),
        typeof(CamelCaseEnum<JobState>),
        typeof(CamelCaseEnum<JobStage>),
        typeof(CamelCaseEnum<UnitKind>),
        typeof(CamelCaseEnum<UnitState>),
    ]
)]
[JsonSerializable(typeof(RecycleSettings))]
[JsonSerializable(typeof(TuneSettings))]
[JsonSerializable(typeof(TuningSettings))]
[JsonSerializable(typeof(InversionSettings))]
[JsonSerializable(typeof(DistillationSettings))]
[JsonSerializable(typeof(ValidationSettings))]
[JsonSerializable(typeof(IReadOnlyList<RecycledLoraName>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(UnitResult))]
[JsonSerializable(typeof(ActivationOutcome))]
[JsonSerializable(typeof(StateEvent))]
[JsonSerializable(typeof(StageEvent))]
[JsonSerializable(typeof(UnitEvent))]
[JsonSerializable(typeof(ProgressEvent))]
[JsonSerializable(typeof(EvaluationEvent))]
[JsonSerializable(typeof(TunedEvent))]
internal sealed partial class RecycleJson : JsonSerializerContext;

/// <summary>An enumeration by its names, as the rest of the JSON is written.</summary>
internal sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
