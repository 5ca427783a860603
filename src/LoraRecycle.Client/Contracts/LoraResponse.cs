namespace LoraRecycle.Client.Contracts;

/// <summary>The market of LoRAs on this server, or one page of it.</summary>
/// <param name="Loras">The LoRAs, in the order in which they were added.</param>
/// <param name="Next">Pass as <c>after</c> to get the next page; null on the last page.</param>
public sealed record LorasResponse(IReadOnlyList<LoraResponse> Loras, string? Next);

/// <summary>One LoRA.</summary>
/// <param name="Id">SHA-256 over its files, so the same LoRA always has the same id.</param>
/// <param name="Name">Its name; null when it has none.</param>
/// <param name="Origin">"uploaded", or "shipped" for a LoRA that comes with the server and cannot be deleted.</param>
/// <param name="Model">The model it was checked against.</param>
/// <param name="Family">The adapter's family, such as "lora".</param>
/// <param name="Rank">The largest rank of a layer in its settings; null when the family has no rank.</param>
/// <param name="Targets">The layers it changes in each block, among q, k, v, out, fc1, fc2.</param>
/// <param name="Parameters">Its number of parameters; null for a shipped LoRA.</param>
/// <param name="ClassCount">The number of classes of its head; null without a head.</param>
/// <param name="Classes">The names of the classes, in the head's order; empty when not known, and in lists.</param>
/// <param name="Bytes">The size of its files.</param>
/// <param name="Added">When it was uploaded, or tuned.</param>
/// <param name="InUse">Whether a job uses it; it cannot be deleted meanwhile.</param>
public sealed record LoraResponse(
    string Id,
    string? Name,
    string Origin,
    string Model,
    string Family,
    long? Rank,
    IReadOnlyList<string> Targets,
    long? Parameters,
    long? ClassCount,
    IReadOnlyList<string> Classes,
    long Bytes,
    DateTimeOffset Added,
    bool InUse
);

/// <summary>One LoRA, and its effect on the model's weights.</summary>
/// <param name="Lora">The LoRA.</param>
/// <param name="Spectrum">Its effect on each layer; null for a LoRA that was made for another model.</param>
public sealed record LoraInspection(LoraResponse Lora, LoraSpectrum? Spectrum);

/// <summary>The singular values of a LoRA's deltas beside those of the base weights.</summary>
/// <param name="Directions">How many of the largest singular directions of each merged weight were compared with those of the base
/// weight.</param>
/// <param name="IntruderCosine">A direction whose absolute cosine with every left singular vector of the base is below this is an intruder
/// (arXiv 2410.21228).</param>
/// <param name="Layers">The adapted layers, in the model's order.</param>
public sealed record LoraSpectrum(int Directions, double IntruderCosine, IReadOnlyList<LayerSpectrum> Layers);

/// <summary>What an adapter does to one layer's weight, in singular values.</summary>
/// <param name="Layer">The layer's canonical name: <c>layers.0.q</c>.</param>
/// <param name="Norm">The Frobenius norm of the delta, the adapted weight less the base's.</param>
/// <param name="RelativeNorm">The same as a fraction of the base weight's norm.</param>
/// <param name="EffectiveRank">The exponential of the entropy of the delta's singular values; 0 for a delta of zeros.</param>
/// <param name="SingularValues">The delta's largest, in descending order, as far as they are more than rounding.</param>
/// <param name="BaseSingularValues">The base weight's largest, in descending order.</param>
/// <param name="IntruderDimensions">The merged weight's directions that are near-orthogonal to all of the base's (arXiv
/// 2410.21228).</param>
public sealed record LayerSpectrum(
    string Layer,
    double Norm,
    double RelativeNorm,
    double EffectiveRank,
    IReadOnlyList<double> SingularValues,
    IReadOnlyList<double> BaseSingularValues,
    IReadOnlyList<IntruderDimension> IntruderDimensions
);

/// <summary>A left singular vector of the merged weight that the base has nothing like.</summary>
/// <param name="Direction">Which of the merged weight's, from 0, the largest singular value first.</param>
/// <param name="SingularValue">Its singular value.</param>
/// <param name="Cosine">The largest absolute cosine that it has with a left singular vector of the base.</param>
public sealed record IntruderDimension(int Direction, double SingularValue, double Cosine);
