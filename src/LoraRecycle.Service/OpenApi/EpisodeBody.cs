namespace LoraRecycle.Service.OpenApi;

/// <summary>Marks an endpoint that reads an episode from its body as a stream, which the document could not tell from its parameters.</summary>
internal sealed class EpisodeBody;
