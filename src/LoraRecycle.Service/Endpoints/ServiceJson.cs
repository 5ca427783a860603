using System.Text.Json.Serialization;
using LoraRecycle.Service.Health;
using LoraRecycle.Service.Loras;
using LoraRecycle.Service.MetaLoras;
using LoraRecycle.Service.Page;
using LoraRecycle.Service.ServerErrors;
using LoraRecycle.Service.StoredTasks;

namespace LoraRecycle.Service.Endpoints;

/// <summary>The JSON of every answer, written by generated code.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ClassifyRequest))]
[JsonSerializable(typeof(ClassifyResponse))]
[JsonSerializable(typeof(ModelsResponse))]
[JsonSerializable(typeof(LimitsResponse))]
[JsonSerializable(typeof(SamplesResponse))]
[JsonSerializable(typeof(ServerErrorsResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(MetaLorasResponse))]
[JsonSerializable(typeof(MetaLoraResponse))]
[JsonSerializable(typeof(ActiveMetaLoraResponse))]
[JsonSerializable(typeof(ActivateMetaLoraRequest))]
[JsonSerializable(typeof(LorasResponse))]
[JsonSerializable(typeof(LoraInspection))]
[JsonSerializable(typeof(TasksResponse))]
[JsonSerializable(typeof(TaskResponse))]
[JsonSerializable(typeof(NewTaskRequest))]
[JsonSerializable(typeof(TaskChangeRequest))]
[JsonSerializable(typeof(TaskQueries))]
internal sealed partial class ServiceJson : JsonSerializerContext;
