using LoraRecycle.Core.Adapters.Families.Lora;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Algebra;

/// <summary>Several adapters as one plain LoRA: their weighted sum, cut to a rank.</summary>
/// <param name="Adapter">Owned by whoever receives it.</param>
/// <param name="Lost">By layer: the share of the sum's squared norm that the rank could not hold, 0 to 1.</param>
public sealed record MergedLora(Adapter Adapter, IReadOnlyDictionary<string, double> Lost) : IDisposable
{
    /// <param name="layers">Those of the model that they were made for.</param>
    /// <param name="members">At least one, each with the factor before its change; not kept.</param>
    /// <param name="rank">Of every layer.</param>
    /// <exception cref="AdapterException">The sum changes biases, which a plain LoRA cannot.</exception>
    public static MergedLora Of(IReadOnlyList<FrozenLayer> layers, IReadOnlyList<(Adapter Adapter, double Weight)> members, int rank)
    {
        using var sum = AdapterSum.Of(layers, members);
        var (merged, lost) = (
            new Dictionary<string, LayerAdapter>(StringComparer.Ordinal),
            new Dictionary<string, double>(StringComparer.Ordinal)
        );
        foreach (var (layer, weight, ownBias) in layers)
        {
            if (!sum.Layers.TryGetValue(layer.Name, out var summed)) continue;
            using var scope = NewDisposeScope();
            var (delta, bias) = summed.Delta(weight, ownBias);
            if (bias is not null && bias.ne(0).any().item<bool>())
                throw new AdapterException(
                    $"the adapters change the bias of layer {layer.Name}, which a plain LoRA cannot do; leave out the adapter "
                        + "that changes it."
                );
            var (a, b, share) = LowRank.Of(delta, rank);
            merged[layer.Name] = new LoraLayer(layer.Name, a, b, scale: 1);
            lost[layer.Name] = share;
        }
        var adapter = new Adapter("lora", revision: "", merged);
        adapter.Revise();
        return new MergedLora(adapter, lost);
    }

    public void Dispose() => Adapter.Dispose();
}
