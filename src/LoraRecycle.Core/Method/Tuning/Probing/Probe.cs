using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Method.Tuning.Layers;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Probing;

/// <summary>What a start may look at before the first step: the gradient that the whole weight of a layer would get. Owns it.</summary>
/// <param name="model">Bare before and after.</param>
/// <param name="layers">Those that are looked at, all in one pass.</param>
/// <param name="images">All of which count, and their mirror images where they may be mirrored.</param>
/// <param name="head">Fitted: a head that knows nothing would lose half of the gradient's directions.</param>
/// <param name="batchSize">How many images a pass takes.</param>
/// <param name="flips">Whether mirror images count.</param>
/// <param name="cancellation">Checked before every pass.</param>
internal sealed class Probe(
    VisionTransformer model, IReadOnlyList<FrozenLayer> layers, LabelledImages images, ClassificationHead head, int batchSize, bool flips,
    CancellationToken cancellation) : IDisposable
{
    private Dictionary<string, Tensor>? _gradients;

    /// <summary>The gradient of the mean cross-entropy by a layer's weight, <c>[out, in]</c>.</summary>
    public Tensor GradientOf(FrozenLayer layer) => (_gradients ??= Gradients())[layer.Layer.Name];

    public void Dispose()
    {
        foreach (var gradient in _gradients?.Values ?? Enumerable.Empty<Tensor>()) gradient.Dispose();
    }

    private Dictionary<string, Tensor> Gradients()
    {
        using var recorded = enable_grad(); // whoever asks may be making layers, without gradients
        using var scope = NewDisposeScope();
        var device = model.Embeddings.Weight.device;
        using var dense = new Adapter(
            "probe",
            revision: "",
            layers.ToDictionary(
                layer => layer.Layer.Name, LayerAdapter (layer) => new DenseLayer(layer.Layer, device), StringComparer.Ordinal));
        using var attached = model.Attach(dense);
        var views = flips ? 2 : 1;
        for (var view = 0; view < views; view++)
            for (var start = 0; start < images.Count; start += batchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                using var pass = NewDisposeScope();
                var size = Math.Min(batchSize, images.Count - start);
                var pixels = images.Pixels.narrow(0, start, size).to(device);
                var logits = head.call(model.call(view == 1 ? pixels.flip(3) : pixels).Embedding);
                nn.functional.cross_entropy(logits, images.Labels.narrow(0, start, size).to(device), reduction: nn.Reduction.Sum)
                    .div(views * images.Count)
                    .backward();
            }
        head.zero_grad();
        return dense.Layers.ToDictionary(
            layer => layer.Key,
            layer => ((DenseLayer)layer.Value).Matrix.grad!.clone().DetachFromDisposeScope(),
            StringComparer.Ordinal);
    }
}
