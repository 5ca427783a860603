using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning;

/// <summary>How often a LoRA and its head name the class of an image.</summary>
public static class TaskAccuracy
{
    private const int BatchSize = 100;

    /// <param name="model">The model, bare before and after.</param>
    /// <param name="adapter">A LoRA with its head; on the model's device.</param>
    /// <param name="images">Images of the head's classes, labelled in the head's order.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>A fraction of 1.</returns>
    /// <exception cref="AdapterException">The adapter has no head, or one for other embeddings.</exception>
    public static double Measure(VisionTransformer model, Adapter adapter, LabelledImages images, CancellationToken cancellation = default)
    {
        var head = adapter.RequireHead(model.Config.EmbeddingLength);
        using var withoutGrad = no_grad();
        using var attached = model.Attach(adapter);
        long right = 0;
        for (var start = 0; start < images.Count; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var size = Math.Min(BatchSize, images.Count - start);
            var device = model.Embeddings.Weight.device;
            var logits = head.call(model.call(images.Pixels.narrow(0, start, size).to(device)).Embedding);
            right += logits.argmax(1).eq(images.Labels.narrow(0, start, size).to(device)).sum().item<long>();
        }
        return (double)right / images.Count;
    }
}
