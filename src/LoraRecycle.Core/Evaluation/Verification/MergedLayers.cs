using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Vision.Transformer;
using TorchSharp;

namespace LoraRecycle.Core.Evaluation.Verification;

/// <summary>
/// A model whose adapted layers compute with merged weights instead of side branches, with all its outputs: what tells
/// an error of merging from one of serving. Disposing it leaves the layers bare.
/// </summary>
internal sealed class MergedLayers : IDisposable
{
    private readonly List<AdaptableLinear> _layers = [];

    private MergedLayers() { }

    public static MergedLayers PutOn(VisionTransformer model)
    {
        var merged = new MergedLayers();
        foreach (var layer in model.AdaptableLayers.Select(model.LinearOf).Where(layer => layer.Adapter is not null))
        {
            layer.Adapter = new MergedLayer(layer.Merged());
            merged._layers.Add(layer);
        }
        return merged;
    }

    public void Dispose()
    {
        foreach (var layer in _layers)
        {
            layer.Adapter?.Dispose();
            layer.Adapter = null;
        }
    }

    /// <summary>Ignores the layer's own weights in favour of the merged ones.</summary>
    private sealed class MergedLayer((torch.Tensor Weight, torch.Tensor? Bias) merged) : LayerAdapter(nameof(MergedLayer))
    {
        protected override (torch.Tensor Weight, torch.Tensor? Bias) Adapt(torch.Tensor weight, torch.Tensor? bias) => merged;

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                merged.Weight.Dispose();
                merged.Bias?.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
