namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>One image of a request.</summary>
/// <param name="Encoded">The file as the client has it: JPEG, PNG, ...</param>
/// <param name="Field">Where it is in the request, in the client's own terms: <c>support[1].images[0]</c>.</param>
internal sealed record EpisodeImage(ReadOnlyMemory<byte> Encoded, string Field);

/// <summary>A class of the support set.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Shots">The number of its images.</param>
internal sealed record RequestedClass(string Label, int Shots);

/// <summary>What a client asks: support images by class, and queries.</summary>
/// <param name="Classes">The classes, each label once.</param>
/// <param name="Images">The images of the first class, of the second, ..., and last the queries.</param>
/// <param name="Queries">How many of the images are queries.</param>
/// <param name="MetaLora">The adapter that is asked for: an id, <c>default</c> or <c>none</c>.</param>
/// <param name="Reject">The share of known queries that may be rejected; null for no rejection.</param>
/// <param name="Embeddings">Whether the answer is to have the embeddings.</param>
internal sealed record RequestedEpisode(
    IReadOnlyList<RequestedClass> Classes,
    IReadOnlyList<EpisodeImage> Images,
    int Queries,
    string MetaLora,
    double? Reject,
    bool Embeddings
);

/// <summary>Support images by class.</summary>
/// <param name="Classes">The classes, each label once.</param>
/// <param name="Images">The images of the first class, of the second, ...</param>
internal sealed record EpisodeSupport(IReadOnlyList<RequestedClass> Classes, IReadOnlyList<EpisodeImage> Images);
