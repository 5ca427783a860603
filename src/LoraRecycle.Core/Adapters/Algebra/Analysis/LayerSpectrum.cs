namespace LoraRecycle.Core.Adapters.Algebra.Analysis;

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
    string Layer, double Norm, double RelativeNorm, double EffectiveRank,
    IReadOnlyList<double> SingularValues, IReadOnlyList<double> BaseSingularValues, IReadOnlyList<IntruderDimension> IntruderDimensions);

/// <summary>A left singular vector of the merged weight that the base has nothing like.</summary>
/// <param name="Direction">Which of the merged weight's, from 0, the largest singular value first.</param>
/// <param name="SingularValue">Its singular value.</param>
/// <param name="Cosine">The largest absolute cosine that it has with a left singular vector of the base.</param>
public sealed record IntruderDimension(int Direction, double SingularValue, double Cosine);
