using System.Text.Json.Nodes;

namespace LoraRecycle.Service.Platform.OpenApi;

/// <summary>Marks an endpoint that reads a JSON body by itself, so as to say what is wrong with it; the document could not tell it from
/// its parameters.</summary>
/// <param name="Type">What the body is.</param>
/// <param name="Example">One that runs.</param>
internal sealed record JsonBody(Type Type, JsonNode Example);
