using System.Globalization;
using LoraRecycle.Core.Models;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters;

/// <summary>Task arithmetic (arXiv 2212.04089): many adapters' changes of the weights, summed and scaled, as one adapter.</summary>
public static class AdapterSum
{
    public const string Family = "sum";

    /// <param name="model">The model that they were made for.</param>
    /// <param name="members">At least one, of any families; not kept.</param>
    /// <param name="weight">The factor before the sum: 1 / members gives the average, 1 the plain sum.</param>
    /// <returns>An adapter of <see cref="DeltaLayer"/>s, which the caller owns.</returns>
    public static Adapter Of(VisionTransformer model, IReadOnlyList<Adapter> members, double weight) =>
        Of(model, [.. members.Select(member => (member, weight))]);

    /// <param name="model">The model that they were made for.</param>
    /// <param name="members">At least one, of any families, each with the factor before its change; not kept.</param>
    /// <returns>An adapter of <see cref="DeltaLayer"/>s, which the caller owns.</returns>
    /// <exception cref="AdapterException">A member is no change of weights.</exception>
    public static Adapter Of(VisionTransformer model, IReadOnlyList<(Adapter Adapter, double Weight)> members)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfZero(members.Count, nameof(members));
        foreach (var (member, _) in members) member.RequireOnlyLayers("summed with others");
        var summed = model.AdaptableLayers
            .Where(layer => members.Any(member => member.Adapter.Layers.ContainsKey(layer.Name)))
            .ToDictionary(layer => layer.Name, LayerAdapter (layer) => Sum(model.LinearOf(layer), layer, members), StringComparer.Ordinal);
        return new Adapter(Family, string.Join('+', members.Select(member => string.Create(CultureInfo.InvariantCulture, $"{member.Weight}*{member.Adapter.Revision}"))), summed);
    }

    private static DeltaLayer Sum(AdaptableLinear frozen, AdaptableLayer layer, IReadOnlyList<(Adapter Adapter, double Weight)> members)
    {
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
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
