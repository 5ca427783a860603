using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Foundation.Tensors;
using LoraRecycle.Core.Method.Tuning.Layers;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Choices;

/// <summary>
/// Which layers (DiffoRA, arXiv 2502.08905) or blocks (Flexora, arXiv 2408.10774) a task needs. Each one's LoRA is multiplied by a number;
/// LoRAs learn from one half of the images and the numbers, in turn, from the other, to first order. Those that rose most are kept.
/// </summary>
/// <param name="model">Bare before and after.</param>
/// <param name="settings">How to tune.</param>
internal sealed class LayerSearch(VisionTransformer model, TuningSettings settings)
{
    /// <param name="layers">To choose from, each with what plain LoRA starts from; not owned.</param>
    /// <param name="head">Trained along; not owned.</param>
    /// <param name="images">At least four of each class.</param>
    /// <param name="generator">Of the batches.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <returns>The layers that are kept, in the model's order, and the numbers of all units by name.</returns>
    public (IReadOnlyList<AdaptableLayer> Kept, IReadOnlyDictionary<string, double> Shares) Run(
        IReadOnlyList<TunedLayer> layers, ClassificationHead head, LabelledImages images, Generator generator,
        CancellationToken cancellation)
    {
        using var halves = Halves.Of(images, settings);
        using var scope = NewDisposeScope();
        var device = model.Embeddings.Weight.device;
        string[] units = [.. layers.Select(UnitOf).Distinct(StringComparer.Ordinal)];
        using var numbers = LiveTensors.Parameter(zeros([units.Length], device: device));
        using var weighed = new Adapter(
            "search",
            revision: "",
            layers.ToDictionary(
                layer => layer.Name,
                LayerAdapter (layer) => new WeighedLayer(
                    layer.Name, layer.Adapter, () => Shares(numbers)[Array.IndexOf(units, UnitOf(layer))]),
                StringComparer.Ordinal));
        using var attached = model.Attach(weighed);
        using var learning = new ShuffledBatches(halves.Learning, settings.BatchSize, settings.Flips, device, generator);
        using var judging = new ShuffledBatches(halves.Judging, settings.BatchSize, settings.Flips, device, generator);
        using var ofLayers = optim.Adam(
            [.. layers.SelectMany(layer => layer.Trained), .. head.parameters()], settings.LearningRate);
        using var ofNumbers = optim.Adam([numbers], settings.Choice.SearchRate);
        for (var step = 1; step <= settings.Choice.SearchSteps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            Step(learning, ofLayers);
            Step(judging, ofNumbers);
        }
        var values = numbers.detach().cpu().data<float>().ToArray();
        var count = Math.Max(1, (int)Math.Round(settings.Choice.Share * units.Length));
        var kept = units.Zip(values).OrderByDescending(unit => unit.Second).Take(count).Select(unit => unit.First).ToHashSet();
        var shares = Shares(numbers).detach().cpu().data<float>().ToArray();
        return (
            [.. layers.Where(layer => kept.Contains(UnitOf(layer))).Select(layer => layer.Frozen.Layer)],
            units.Zip(shares).ToDictionary(unit => unit.First, unit => (double)unit.Second, StringComparer.Ordinal));

        void Step(ShuffledBatches batches, optim.Optimizer optimiser)
        {
            using var stepScope = NewDisposeScope();
            var (pixels, labels) = batches.Next();
            ofLayers.zero_grad();
            ofNumbers.zero_grad();
            nn.functional.cross_entropy(head.call(model.call(pixels).Embedding), labels).backward();
            optimiser.step();
        }
    }

    /// <summary>DiffoRA: each its own sigmoid, twice of it, so that all begin with 1. Flexora: the softmax, of mean 1.</summary>
    internal Tensor Shares(Tensor numbers) =>
        settings.Choice.By == Chosen.Layers ? numbers.sigmoid().mul(2) : numbers.softmax(0).mul(numbers.shape[0]);

    private string UnitOf(TunedLayer layer) =>
        settings.Choice.By == Chosen.Layers ? layer.Name : layer.Name[..layer.Name.LastIndexOf('.')];
}
