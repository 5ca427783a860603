namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>Marks an endpoint that reads images from its body as a stream, which the document could not tell from its parameters.</summary>
/// <param name="Type">What the JSON form is.</param>
/// <param name="Members">What both forms may have.</param>
internal sealed record EpisodeBody(Type Type, RequestMembers Members);
