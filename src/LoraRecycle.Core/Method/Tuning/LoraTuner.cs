using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning;

/// <summary>
/// Tunes a LoRA and the linear head over it on labelled images, the model itself frozen: the "pre-tuned LoRAs" that the
/// method starts from. The same seed on the same device gives the same LoRA.
/// </summary>
/// <param name="model">The model, bare before and after; its device is where tuning runs.</param>
public sealed class LoraTuner(VisionTransformer model)
{
    /// <summary>The name that an adapter's family has in the catalog.</summary>
    private const string Family = "lora";

    /// <param name="images">On any device; batches are moved to the model's.</param>
    /// <param name="settings">How to tune.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <returns>The LoRA and its head; the caller owns them.</returns>
    /// <exception cref="TuningException">A setting cannot be used with this model.</exception>
    /// <exception cref="DivergenceException">The loss is not finite any more.</exception>
    public TunedLora Tune(
        LabelledImages images,
        TuningSettings settings,
        IProgress<TuningProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var layers = settings.LayersOf(model.AdaptableLayers);
        var device = model.Embeddings.Weight.device;
        using var generator = new Generator((ulong)settings.Seed);
        var adapter = Start(layers, images.ClassNames, settings, device, generator);
        try
        {
            using var attached = model.Attach(adapter);
            var losses = Learn(adapter, images, settings, device, generator, progress, cancellation);
            adapter.Revise();
            return new TunedLora(adapter, losses);
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    private Adapter Start(
        IReadOnlyList<AdaptableLayer> layers,
        IReadOnlyList<string> classNames,
        TuningSettings settings,
        Device device,
        Generator generator
    ) =>
        new(
            Family,
            revision: "",
            layers.ToDictionary(
                layer => layer.Name,
                LayerAdapter (layer) => LoraStart.Layer(layer, settings, device, generator),
                StringComparer.Ordinal
            ),
            LoraStart.Head(classNames.Count, model.Config.EmbeddingLength, settings.HasHeadBias, device, generator),
            classNames);

    private List<double> Learn(
        Adapter adapter, LabelledImages images, TuningSettings settings, Device device, Generator generator,
        IProgress<TuningProgress>? progress, CancellationToken cancellation)
    {
        var head = adapter.Head!;
        using var optimiser = optim.Adam(
            [.. adapter.Layers.Values.SelectMany(layer => layer.parameters()), .. head.parameters()],
            settings.LearningRate
        );
        using var batches = new ShuffledBatches(images, settings.BatchSize, settings.Flips, device, generator);
        var losses = new List<double>(settings.Steps);
        for (var step = 1; step <= settings.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (pixels, labels) = batches.Next();
            optimiser.zero_grad();
            var loss = nn.functional.cross_entropy(head.call(model.call(pixels).Embedding), labels);
            var value = (double)loss.item<float>();
            if (!double.IsFinite(value)) throw new DivergenceException(step, settings.Steps, value);
            loss.backward();
            optimiser.step();
            losses.Add(value);
            progress?.Report(new TuningProgress(step, settings.Steps, value));
        }
        return losses;
    }
}
