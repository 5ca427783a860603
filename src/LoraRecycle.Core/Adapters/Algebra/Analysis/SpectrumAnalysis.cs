using LoraRecycle.Core.Foundation.Tensors;
using TorchSharp;

namespace LoraRecycle.Core.Adapters.Algebra.Analysis;

/// <summary>Looks at what an adapter does to each layer's weight by singular value decompositions, on the CPU.</summary>
public static class SpectrumAnalysis
{
    private const double SinglePrecision = 1.1920929e-7;

    /// <summary>Measures every adapted layer, in the model's order.</summary>
    /// <param name="adapter">In host memory.</param>
    /// <param name="layers">The model's layers.</param>
    /// <param name="readLayer">Gives a layer's base weight, <c>[out, in]</c>, and bias, <c>[out]</c>; both are disposed of here.</param>
    /// <param name="settings">What to look at.</param>
    /// <param name="cancellation">Checked before every layer and every decomposition.</param>
    /// <exception cref="AdapterException">A merged weight has values that are not finite.</exception>
    public static IReadOnlyList<LayerSpectrum> Measure(
        Adapter adapter, IReadOnlyList<AdaptableLayer> layers, Func<AdaptableLayer, (torch.Tensor Weight, torch.Tensor? Bias)> readLayer,
        SpectrumSettings settings, CancellationToken cancellation = default)
    {
        using var frozen = torch.no_grad();
        var measured = new List<LayerSpectrum>();
        foreach (var layer in layers)
        {
            if (!adapter.Layers.TryGetValue(layer.Name, out var change))
                continue;
            cancellation.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            var (weight, bias) = readLayer(layer);
            var (delta, _) = change.Delta(weight, bias);
            var (merged, _) = change.Merge(weight, bias);
            measured.Add(Measure(layer.Name, weight, delta, merged, settings, cancellation));
        }
        return measured;
    }

    /// <summary>Measures one layer.</summary>
    /// <param name="layer">Its name.</param>
    /// <param name="weight">The base weight, <c>[out, in]</c>.</param>
    /// <param name="delta">What is added to it, <c>[out, in]</c>.</param>
    /// <param name="merged">Their sum, <c>[out, in]</c>.</param>
    /// <param name="settings">What to look at.</param>
    /// <param name="cancellation">Checked before every decomposition.</param>
    public static LayerSpectrum Measure(
        string layer,
        torch.Tensor weight,
        torch.Tensor delta,
        torch.Tensor merged,
        SpectrumSettings settings,
        CancellationToken cancellation = default
    )
    {
        using var scope = torch.NewDisposeScope();
        cancellation.ThrowIfCancellationRequested();
        var (_, changes, _) = torch.linalg.svd(delta, fullMatrices: false);
        var ofDelta = AboveRounding(Values(changes), Math.Max(weight.shape[0], weight.shape[1]));
        cancellation.ThrowIfCancellationRequested();
        var (baseDirections, baseValues, _) = torch.linalg.svd(weight, fullMatrices: false);
        var ofBase = Values(baseValues);
        cancellation.ThrowIfCancellationRequested();
        var (directions, mergedValues, _) = torch.linalg.svd(merged, fullMatrices: false);

        var norm = Norm(ofDelta);
        var baseNorm = Norm(ofBase);
        return new LayerSpectrum(
            layer, norm, baseNorm == 0 ? 0 : norm / baseNorm, EffectiveRank.Of(ofDelta),
            [.. ofDelta.Take(settings.Values)], [.. ofBase.Take(settings.Values)],
            Intruders(baseDirections, directions, Values(mergedValues), settings));
    }

    /// <param name="baseDirections">Left singular vectors in columns, <c>[out, k]</c>.</param>
    /// <param name="directions">Those of the merged weight, <c>[out, k]</c>.</param>
    /// <param name="values">The merged weight's singular values.</param>
    /// <param name="settings">How many to look at, and the threshold.</param>
    private static IntruderDimension[] Intruders(
        torch.Tensor baseDirections, torch.Tensor directions, double[] values, SpectrumSettings settings)
    {
        var count = (int)Math.Min(settings.Directions, directions.shape[1]);
        // Of unit vectors, so that products are cosines: [count, k].
        var cosines = directions.narrow(1, 0, count).transpose(0, 1).Times(baseDirections).abs();
        var nearest = Values(cosines.amax([1]));
        return [.. Enumerable.Range(0, count)
            .Where(direction => nearest[direction] < settings.IntruderCosine)
            .Select(direction => new IntruderDimension(direction, values[direction], nearest[direction]))];
    }

    /// <summary>The product of two thin factors has as many singular values as their rank; what else comes out is the rounding of
    /// float32.</summary>
    private static double[] AboveRounding(double[] values, long width)
    {
        var least = values.Length == 0 ? 0 : values[0] * width * SinglePrecision;
        return [.. values.Where(value => value > least)];
    }

    /// <summary>The Frobenius norm, from singular values.</summary>
    private static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));

    private static double[] Values(torch.Tensor vector) => [.. vector.to(torch.float64).data<double>()];
}
