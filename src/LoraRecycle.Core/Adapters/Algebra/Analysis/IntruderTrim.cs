using LoraRecycle.Core.Adapters.Families.Lora;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Algebra.Analysis;

/// <summary>
/// A LoRA whose intruder dimensions are scaled down (arXiv 2410.21228): each singular direction of the merged weight that the base has
/// nothing like keeps a share of its singular value. Less is forgotten, for little of what was learnt.
/// </summary>
/// <param name="Adapter">Owned by whoever receives it; of a layer with n intruders the rank is larger by n.</param>
/// <param name="Layers">Those that were trimmed, in the model's order.</param>
public sealed record IntruderTrim(Adapter Adapter, IReadOnlyList<TrimmedLayer> Layers) : IDisposable
{
    /// <param name="adapter">In host memory; it stays the caller's.</param>
    /// <param name="layers">The model's layers.</param>
    /// <param name="readLayer">Gives a layer's base weight, <c>[out, in]</c>, and bias, <c>[out]</c>; both are disposed of here.</param>
    /// <param name="share">How much an intruder keeps of its singular value: 0 for nothing, 1 for all.</param>
    /// <param name="settings">What an intruder is.</param>
    /// <param name="cancellation">Checked before every layer.</param>
    /// <exception cref="AdapterException">The adapter is no LoRA, or a merged weight has values that are not finite.</exception>
    public static IntruderTrim Of(
        Adapter adapter, IReadOnlyList<AdaptableLayer> layers, Func<AdaptableLayer, (Tensor Weight, Tensor? Bias)> readLayer, double share,
        SpectrumSettings settings, CancellationToken cancellation = default)
    {
        adapter.RequireOnlyLayers("trimmed");
        using var withoutGrad = no_grad();
        var (kept, report) = (new Dictionary<string, LayerAdapter>(StringComparer.Ordinal), new List<TrimmedLayer>());
        try
        {
            foreach (var layer in layers.Where(layer => adapter.Layers.ContainsKey(layer.Name)))
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var lora = adapter.Layers[layer.Name] as LoraLayer
                    ?? throw new AdapterException($"layer {layer.Name} has no LoRA; convert the adapter first, with market convert.");
                var (trimmed, intruders) = Trim(lora, layer.Name, readLayer(layer), share, settings, cancellation);
                kept.Add(layer.Name, trimmed);
                if (intruders.Count > 0) report.Add(new TrimmedLayer(layer.Name, intruders));
            }
            var result = new Adapter("lora", revision: "", kept, adapter.Head?.Copy(), adapter.ClassNames);
            result.Revise();
            return new IntruderTrim(result, report);
        }
        catch
        {
            foreach (var layer in kept.Values) layer.Dispose();
            throw;
        }
    }

    public void Dispose() => Adapter.Dispose();

    private static (LoraLayer Lora, IReadOnlyList<IntruderDimension> Intruders) Trim(
        LoraLayer lora, string name, (Tensor Weight, Tensor? Bias) frozen, double share, SpectrumSettings settings,
        CancellationToken cancellation)
    {
        var (delta, _) = lora.Delta(frozen.Weight, frozen.Bias);
        var (merged, _) = lora.Merge(frozen.Weight.to(ScalarType.Float32), frozen.Bias);
        var intruders = SpectrumAnalysis.Measure(name, frozen.Weight, delta, merged, settings, cancellation).IntruderDimensions;
        var (a, b, scale) = (lora.A.detach().clone(), lora.B.detach().clone(), lora.Scale);
        if (intruders.Count > 0)
        {
            var (u, s, vh) = linalg.svd(merged, fullMatrices: false);
            var which = tensor(intruders.Select(intruder => (long)intruder.Direction).ToArray());
            a = cat([a, vh.index_select(0, which)]);
            b = cat([b.mul(scale), u.index_select(1, which).mul(s.index_select(0, which)).mul(share - 1)], 1);
            scale = 1;
        }
        return (new LoraLayer(name, a, b, scale, lora.Bias?.detach().clone()), intruders);
    }
}

/// <summary>A layer of which something was taken.</summary>
/// <param name="Layer">Its canonical name.</param>
/// <param name="Intruders">As they were before.</param>
public sealed record TrimmedLayer(string Layer, IReadOnlyList<IntruderDimension> Intruders);
