using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Papers.Lofit;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Method.Tuning.Forms;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Choices;

/// <summary>LoFiT's first stage (arXiv 2406.01563): all attention heads are scaled by what is learnt with an L1 penalty; those whose
/// scales moved most are chosen, and the scales thrown away.</summary>
/// <param name="model">Bare before and after.</param>
/// <param name="settings">How to tune.</param>
internal sealed class HeadSearch(VisionTransformer model, TuningSettings settings)
{
    private const double LearningRate = 5e-3, Sparsity = 5e-4;

    /// <param name="layers">Output projections of attention.</param>
    /// <param name="head">Fitted, and trained along; not owned.</param>
    /// <param name="images">All of which count.</param>
    /// <param name="generator">Of scales and batches.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <returns>Chosen heads by layer; layers without one are missing.</returns>
    public IReadOnlyDictionary<string, long[]> Run(
        IReadOnlyList<FrozenLayer> layers, ClassificationHead head, LabelledImages images, Generator generator,
        CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var device = model.Embeddings.Weight.device;
        var heads = model.Config.HeadCount;
        if (layers.FirstOrDefault(layer => layer.Layer.Part != "out") is { Layer: { } other })
            throw new TuningException(
                $"Expected target out, which attention heads go into, for form {LoraForm.Heads}; got '{other.Part}'.");
        using var scaled = new Adapter(
            "search",
            revision: "",
            layers.ToDictionary(
                layer => layer.Layer.Name,
                LayerAdapter (layer) => new LofitLayer(
                    layer.Layer.Name,
                    heads,
                    offsets: null,
                    scales: new HeadVectors(
                        [.. Enumerable.Range(0, heads).Select(index => (long)index)],
                        randn([heads, layer.Layer.InFeatures / heads], generator: generator).mul_(HeadsForm.Deviation).to(device))),
                StringComparer.Ordinal));
        using (model.Attach(scaled))
        using (var batches = new ShuffledBatches(images, settings.BatchSize, settings.Flips, device, generator))
        using (var optimiser = optim.Adam(
            [.. scaled.Layers.Values.SelectMany(layer => layer.parameters()), .. head.parameters()], LearningRate))
            for (var step = 0; step < settings.Choice.SearchSteps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var stepScope = NewDisposeScope();
                var (pixels, labels) = batches.Next();
                optimiser.zero_grad();
                var loss = nn.functional.cross_entropy(head.call(model.call(pixels).Embedding), labels);
                foreach (var layer in scaled.Layers.Values)
                    loss = loss.add(layer.parameters().First().abs().sum(), Sparsity);
                loss.backward();
                optimiser.step();
            }
        return scaled
            .Layers.SelectMany(layer => Norms(layer.Value).Select((norm, index) => (Layer: layer.Key, Head: (long)index, Norm: norm)))
            .OrderByDescending(found => found.Norm)
            .Take(settings.Form.Heads)
            .GroupBy(found => found.Layer, found => found.Head)
            .ToDictionary(found => found.Key, found => found.Order().ToArray(), StringComparer.Ordinal);
    }

    private static float[] Norms(LayerAdapter layer) => layer.parameters().First().detach().square().sum(1).cpu().data<float>().ToArray();
}
