namespace LoraRecycle.Cli.Output;

/// <summary>What an adapter is, and what it does to a model's layers.</summary>
/// <param name="Adapter">The name of its directory or file.</param>
/// <param name="Revision">SHA-256 over its files.</param>
/// <param name="Family">Such as <c>lora</c>.</param>
/// <param name="Model">The model that it was read for.</param>
/// <param name="Parameters">How many numbers its layers have.</param>
/// <param name="Rank">The largest that its settings give a layer; null where the family has none.</param>
/// <param name="ClassCount">How many classes its head tells apart; null without a head.</param>
/// <param name="Classes">Their names; empty where they are not known.</param>
/// <param name="Layers">In the model's order.</param>
/// <param name="Mixtures">Blocks with experts in the place of their feed-forward part; MixLoRA alone has any.</param>
/// <param name="PassedOver">Tensors that the embedding does not depend on.</param>
internal sealed record InspectionReport(
    string Adapter,
    string Revision,
    string Family,
    string Model,
    long Parameters,
    long? Rank,
    long? ClassCount,
    IReadOnlyList<string> Classes,
    IReadOnlyList<InspectedLayer> Layers,
    IReadOnlyList<InspectedMixture> Mixtures,
    IReadOnlyList<string> PassedOver
);

/// <summary>What an adapter does to one layer.</summary>
/// <param name="Layer">Its canonical name.</param>
/// <param name="Variant">What sets the adapter of this layer apart within its family; null for the plain kind.</param>
/// <param name="Rank">That of the change of the weight, counted: singular values that are more than rounding.</param>
/// <param name="EffectiveRank">The exponential of the entropy of the change's singular values.</param>
/// <param name="RelativeNorm">The Frobenius norm of the change, as a fraction of the weight's.</param>
internal sealed record InspectedLayer(string Layer, string? Variant, int Rank, double EffectiveRank, double RelativeNorm);

/// <summary>What an adapter has in the place of one block's feed-forward part.</summary>
/// <param name="Block">Its canonical name.</param>
/// <param name="Experts">How many there are.</param>
/// <param name="Chosen">How many of them a token gets.</param>
internal sealed record InspectedMixture(string Block, long Experts, int Chosen);
