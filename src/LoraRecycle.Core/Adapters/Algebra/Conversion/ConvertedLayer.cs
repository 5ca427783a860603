namespace LoraRecycle.Core.Adapters.Algebra.Conversion;

/// <summary>How well one layer of an adapter could be written as a LoRA.</summary>
/// <param name="Layer">Its canonical name.</param>
/// <param name="Rank">Of the LoRA.</param>
/// <param name="RelativeError">The Frobenius norm of what the LoRA lacks of the change of the weight, relative to that change; 0 to
/// 1.</param>
/// <param name="IsExact">Whether that is no more than rounding.</param>
public sealed record ConvertedLayer(string Layer, long Rank, double RelativeError, bool IsExact);
