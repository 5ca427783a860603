using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.StoredTasks;

/// <summary>The JSON of stored tasks.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TasksResponse))]
[JsonSerializable(typeof(TaskResponse))]
[JsonSerializable(typeof(NewTaskRequest))]
[JsonSerializable(typeof(TaskChangeRequest))]
[JsonSerializable(typeof(TaskQueries))]
internal sealed partial class TaskJson : JsonSerializerContext;
