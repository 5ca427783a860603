using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Foundation.Randomness;
using LoraRecycle.Core.Method.Tuning.Choices;
using LoraRecycle.Core.Method.Tuning.Forms;
using LoraRecycle.Core.Method.Tuning.Layers;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Method.Tuning.Probing;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning;

/// <summary>
/// What tuning starts from. Whatever a method draws, A and the head are drawn as plain LoRA draws them, in this order and first; all else
/// comes from numbers of its own.
/// </summary>
internal sealed class TuningStart(VisionTransformer model, LabelledImages images, TuningSettings settings)
{
    /// <summary>Of views and noise.</summary>
    public ulong NoiseSeed { get; } = SplitMix64.OfStream(settings.Seed, 1).Next();

    /// <summary>What a search found; empty without one.</summary>
    public IReadOnlyDictionary<string, double> Shares { get; private set; } = new Dictionary<string, double>();

    /// <exception cref="TuningException">A setting cannot be used with this model or these images.</exception>
    public TunedAdapter Make(Generator generator, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var device = model.Embeddings.Weight.device;
        var targets = settings.LayersOf(model.AdaptableLayers);
        var frozen = targets.Select(layer => new FrozenLayer(layer, model.LinearOf(layer).Weight, model.LinearOf(layer).Bias)).ToArray();
        var drawn = targets.ToDictionary(
            layer => layer.Name, layer => LoraStart.A(layer, settings.Rank, device, generator), StringComparer.Ordinal);
        var head = LoraStart.Head(images.ClassNames.Count, model.Config.EmbeddingLength, settings.HasHeadBias, device, generator);
        var layers = new List<TunedLayer>();
        try
        {
            using var extras = new Generator(SplitMix64.OfStream(settings.Seed, 2).Next());
            if (NeedsFittedHead) HeadFitting.Fit(head, model, images, settings.Flips, cancellation);
            using var probe = new Probe(model, frozen, images, head, settings.BatchSize, settings.Flips, cancellation);
            var heads = settings.Form.Kind == LoraForm.Heads
                ? new HeadSearch(model, settings).Run(frozen, head, images, extras, cancellation)
                : new Dictionary<string, long[]>();
            var material = new FormMaterial(settings, device, extras, probe, heads, model.Config.HeadCount);
            var chosen = settings.Choice.By is Chosen.Layers or Chosen.Blocks
                ? Search(frozen, drawn, head, material, cancellation)
                : frozen;
            if (settings.Form.Kind == LoraForm.Heads) chosen = [.. frozen.Where(layer => heads.ContainsKey(layer.Layer.Name))];
            foreach (var layer in chosen) layers.Add(LayerForms.Make(layer, drawn[layer.Layer.Name].clone(), material));
            return new TunedAdapter(layers, head, images.ClassNames, settings.Gradient.HasNoise);
        }
        catch
        {
            head.Dispose();
            foreach (var layer in layers) layer.Adapter.Dispose();
            throw;
        }
    }

    /// <summary>Gradients and scores say little while the head is random.</summary>
    private bool NeedsFittedHead =>
        settings.Form is { Kind: LoraForm.Heads } or { Start: FactorStart.Gradient } or { Start: FactorStart.FirstStep };

    private FrozenLayer[] Search(
        FrozenLayer[] frozen, Dictionary<string, Tensor> drawn, ClassificationHead head, FormMaterial material,
        CancellationToken cancellation)
    {
        TunedLayer[] tried = [.. frozen.Select(layer => LayerForms.Make(layer, drawn[layer.Layer.Name].clone(), material))];
        try
        {
            using var scope = NewDisposeScope();
            using var own = head.Copy();
            var (kept, shares) = new LayerSearch(model, settings).Run(tried, own, images, material.Extras, cancellation);
            Shares = shares;
            return [.. frozen.Where(layer => kept.Contains(layer.Layer))];
        }
        finally
        {
            foreach (var layer in tried) layer.Adapter.Dispose();
        }
    }
}
