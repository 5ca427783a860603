using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Probing;

/// <summary>Fits a linear head to the embeddings that the model gives now: 100 steps of Adam at 1e-2 on all images.</summary>
internal static class HeadFitting
{
    private const int Steps = 100, BatchSize = 100;
    private const double LearningRate = 1e-2;

    /// <param name="head">Changed.</param>
    /// <param name="model">With what is attached to it; not changed.</param>
    /// <param name="images">All of which count.</param>
    /// <param name="flips">Whether their mirror images count too.</param>
    /// <param name="cancellation">Checked before every batch and step.</param>
    public static void Fit(
        ClassificationHead head, VisionTransformer model, LabelledImages images, bool flips, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var (embeddings, labels) = Embed(model, images, flips, cancellation);
        using var optimiser = optim.Adam(head.parameters(), LearningRate);
        for (var step = 0; step < Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            optimiser.zero_grad();
            nn.functional.cross_entropy(head.call(embeddings), labels).backward();
            optimiser.step();
        }
    }

    private static (Tensor Embeddings, Tensor Labels) Embed(
        VisionTransformer model, LabelledImages images, bool flips, CancellationToken cancellation)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var device = model.Embeddings.Weight.device;
        var embeddings = new List<Tensor>();
        foreach (var mirrored in flips ? [false, true] : new[] { false })
            for (var start = 0; start < images.Count; start += BatchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                var pixels = images.Pixels.narrow(0, start, Math.Min(BatchSize, images.Count - start)).to(device);
                embeddings.Add(model.call(mirrored ? pixels.flip(3) : pixels).Embedding);
            }
        var labels = images.Labels.to(device).repeat(flips ? 2 : 1);
        return (cat(embeddings).MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope());
    }
}
