using LoraRecycle.Core.Adapters.Families.Lora;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Algebra.Conversion;

/// <summary>
/// An adapter of any family as LoRA. What it does to a weight is a matrix, which is written exactly where its rank allows,
/// and else as the nearest one of the rank that does (Eckart and Young). A bias that it changes is written whole.
/// </summary>
/// <param name="Adapter">Owned by whoever receives it.</param>
/// <param name="Layers">In the model's order.</param>
public sealed record LoraConversion(Adapter Adapter, IReadOnlyList<ConvertedLayer> Layers) : IDisposable
{
    // Changes are computed in float32; the smallest part of them is rounding.
    private const double Rounding = 1e-5;

    /// <param name="adapter">In host memory; it stays the caller's. LoRAs that fit the rank are copied as they are.</param>
    /// <param name="layers">The model's layers.</param>
    /// <param name="readLayer">Gives a layer's base weight, <c>[out, in]</c>, and bias, <c>[out]</c>; both are disposed of here.</param>
    /// <param name="largestRank">That a layer may get.</param>
    /// <param name="cancellation">Checked before every layer.</param>
    /// <exception cref="AdapterException">A change has values that are not finite, or the adapter is no change of weights.</exception>
    public static LoraConversion Of(
        Adapter adapter,
        IReadOnlyList<AdaptableLayer> layers,
        Func<AdaptableLayer, (Tensor Weight, Tensor? Bias)> readLayer,
        int largestRank,
        CancellationToken cancellation = default
    )
    {
        adapter.RequireOnlyLayers("written as LoRA");
        using var withoutGrad = no_grad();
        var (converted, report) = (new Dictionary<string, LayerAdapter>(StringComparer.Ordinal), new List<ConvertedLayer>());
        try
        {
            foreach (var layer in layers.Where(layer => adapter.Layers.ContainsKey(layer.Name)))
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var (lora, error) = adapter.Layers[layer.Name] is LoraLayer plain && plain.Rank <= largestRank
                    ? (Copy(layer, plain), 0)
                    : Approximate(layer, adapter.Layers[layer.Name], readLayer(layer), largestRank);
                converted.Add(layer.Name, lora);
                report.Add(new ConvertedLayer(layer.Name, lora.Rank, error, error <= Rounding));
            }
            var result = new Adapter("lora", revision: "", converted, adapter.Head?.Copy(), adapter.ClassNames);
            result.Revise();
            return new LoraConversion(result, report);
        }
        catch
        {
            foreach (var layer in converted.Values)
                layer.Dispose();
            throw;
        }
    }

    public void Dispose() => Adapter.Dispose();

    private static (LoraLayer Lora, double Error) Approximate(
        AdaptableLayer layer, LayerAdapter change, (Tensor Weight, Tensor? Bias) frozen, int largestRank)
    {
        var (delta, bias) = change.Delta(frozen.Weight, frozen.Bias);
        if (!delta.isfinite().all().item<bool>())
            throw new AdapterException($"layer {layer.Name} cannot be converted: its change has values that are not finite.");
        var ownBias = bias is null || !bias.ne(0).any().item<bool>() ? null : frozen.Bias is null ? bias : bias.add(frozen.Bias);
        var (a, b, lost) = LowRank.Within(delta, Rounding, largestRank);
        return (new LoraLayer(layer.Name, a, b, scale: 1, ownBias), Math.Sqrt(lost));
    }

    private static LoraLayer Copy(AdaptableLayer layer, LoraLayer lora) =>
        new(layer.Name, lora.A.detach().clone(), lora.B.detach().clone(), lora.Scale, lora.Bias?.detach().clone());
}
