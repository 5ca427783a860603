using System.Globalization;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Algebra;

/// <summary>Task arithmetic (arXiv 2212.04089): many adapters' changes of the weights, summed and scaled, as one adapter.</summary>
public static class AdapterSum
{
    public const string Family = "sum";

    /// <param name="layers">Those of the model that they were made for.</param>
    /// <param name="members">At least one, of any families; not kept.</param>
    /// <param name="weight">The factor before the sum: 1 / members gives the average, 1 the plain sum.</param>
    /// <returns>An adapter of <see cref="DeltaLayer"/>s, which the caller owns.</returns>
    public static Adapter Of(IReadOnlyList<FrozenLayer> layers, IReadOnlyList<Adapter> members, double weight) =>
        Of(layers, [.. members.Select(member => (member, weight))]);

    /// <param name="layers">Those of the model that they were made for.</param>
    /// <param name="members">At least one, of any families, each with the factor before its change; not kept.</param>
    /// <returns>An adapter of <see cref="DeltaLayer"/>s, which the caller owns.</returns>
    /// <exception cref="AdapterException">A member is no change of weights.</exception>
    public static Adapter Of(IReadOnlyList<FrozenLayer> layers, IReadOnlyList<(Adapter Adapter, double Weight)> members)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(members.Count, nameof(members));
        foreach (var (member, _) in members) member.RequireOnlyLayers("summed with others");
        var summed = layers
            .Where(frozen => members.Any(member => member.Adapter.Layers.ContainsKey(frozen.Layer.Name)))
            .ToDictionary(frozen => frozen.Layer.Name, LayerAdapter (frozen) => Sum(frozen, members), StringComparer.Ordinal);
        return new Adapter(
            Family,
            string.Join(
                '+',
                members.Select(member => string.Create(CultureInfo.InvariantCulture, $"{member.Weight}*{member.Adapter.Revision}"))
            ),
            summed
        );
    }

    private static DeltaLayer Sum(FrozenLayer frozen, IReadOnlyList<(Adapter Adapter, double Weight)> members)
    {
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        var layer = frozen.Layer;
        var total = zeros([layer.OutFeatures, layer.InFeatures], device: frozen.Weight.device);
        Tensor? totalBias = null;
        foreach (var (member, weight) in members)
        {
            if (!member.Layers.TryGetValue(layer.Name, out var adapted)) continue;
            var (delta, bias) = adapted.Delta(frozen.Weight, frozen.Bias);
            total.add_(delta, weight);
            if (bias is not null)
                totalBias = (totalBias ?? zeros_like(bias)).add(bias, weight);
        }
        return new DeltaLayer(layer.Name, total, totalBias);
    }
}
