using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Client.Contracts;

/// <summary>The JSON of the service: camelCase, without what is not set.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(ClassifyResponse))]
[JsonSerializable(typeof(TasksResponse))]
[JsonSerializable(typeof(TaskResponse))]
[JsonSerializable(typeof(LorasResponse))]
[JsonSerializable(typeof(LoraResponse))]
[JsonSerializable(typeof(LoraInspection))]
[JsonSerializable(typeof(MetaLorasResponse))]
[JsonSerializable(typeof(MetaLoraResponse))]
[JsonSerializable(typeof(ActiveMetaLoraResponse))]
[JsonSerializable(typeof(ActivateMetaLoraRequest))]
[JsonSerializable(typeof(RecycleRequest))]
[JsonSerializable(typeof(JobsResponse))]
[JsonSerializable(typeof(JobSummary))]
[JsonSerializable(typeof(JobResponse))]
[JsonSerializable(typeof(JobImagesResponse))]
[JsonSerializable(typeof(DataSetsResponse))]
[JsonSerializable(typeof(StateEvent))]
[JsonSerializable(typeof(StageEvent))]
[JsonSerializable(typeof(UnitEvent))]
[JsonSerializable(typeof(ProgressEvent))]
[JsonSerializable(typeof(EvaluationEvent))]
[JsonSerializable(typeof(ModelsResponse))]
[JsonSerializable(typeof(LimitsResponse))]
[JsonSerializable(typeof(SamplesResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(ServerErrorsResponse))]
internal sealed partial class ClientJson : JsonSerializerContext;
