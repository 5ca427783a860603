using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Training;

/// <summary>Makes the adapter that distillation trains.</summary>
public static class MetaLoraFactory
{
    public const string Family = "meta-lora";

    /// <summary>What the settings say that training starts from. A mixture of experts teaches, but as it is no change of weights it has no
    /// part in the sum.</summary>
    public static Adapter Start(VisionTransformer model, IReadOnlyList<Adapter> loras, DistillationSettings settings, Device device)
    {
        Adapter[] changes = [.. loras.Where(lora => lora.Mixtures.Count == 0)];
        return settings.Start == MetaLoraStart.Zero || changes.Length == 0
            ? Zero(model, settings, device)
            : Sum(model, changes, settings, device);
    }

    /// <summary>A LoRA with A drawn as PEFT draws it and B zero: the bare model.</summary>
    public static Adapter Zero(VisionTransformer model, DistillationSettings settings, Device device)
    {
        using var generator = new Generator((ulong)settings.Seed, CPU);
        return Build(
            model,
            settings,
            layer => (Drawn(layer, settings, generator, device), zeros([layer.OutFeatures, settings.Rank], device: device))
        );
    }

    /// <summary>
    /// The summed deltas of several LoRAs times a weight (task arithmetic, arXiv 2212.04089), cut to the meta-LoRA's rank by
    /// singular values. Ranks that the sum does not fill start as they do from zero, so that they can learn.
    /// </summary>
    public static Adapter Sum(VisionTransformer model, IReadOnlyList<Adapter> adapters, DistillationSettings settings, Device device)
    {
        using var withoutGrad = no_grad();
        using var generator = new Generator((ulong)settings.Seed, CPU);
        using var sum = AdapterSum.Of(
            model.FrozenLayers,
            adapters,
            settings.StartWeight ?? DistillationSettings.UsualStartWeight(adapters.Count)
        );
        return Build(
            model,
            settings,
            layer =>
            {
                using var scope = NewDisposeScope();
                var drawn = Drawn(layer, settings, generator, device);
                var frozen = model.LinearOf(layer);
                var delta = sum.Layers.TryGetValue(layer.Name, out var summed)
                    ? summed.Delta(frozen.Weight, frozen.Bias).Weight
                    : zeros([layer.OutFeatures, layer.InFeatures], device: device);
                var (a, b, _) = LowRank.Of(delta, settings.Rank);
                var empty = b.abs().amax([0]).eq(0).unsqueeze(1);
                return (where(empty, drawn, a).MoveToOuterDisposeScope(), b.div(settings.Alpha / settings.Rank).MoveToOuterDisposeScope());
            }
        );
    }

    /// <summary>A as PEFT draws it.</summary>
    private static Tensor Drawn(AdaptableLayer layer, DistillationSettings settings, Generator generator, Device device)
    {
        var bound = 1 / Math.Sqrt(layer.InFeatures);
        return rand([settings.Rank, layer.InFeatures], generator: generator).mul_(2 * bound).sub_(bound).to(device);
    }

    private static Adapter Build(VisionTransformer model, DistillationSettings settings, Func<AdaptableLayer, (Tensor A, Tensor B)> factors)
    {
        var layers = model.AdaptableLayers.Where(layer => layer.Part is { } part && settings.Targets.Contains(part)).ToArray();
        if (layers.Length == 0)
            throw new ArgumentException(
                $"Expected targets among q, k, v, out, fc1, fc2; got {string.Join(", ", settings.Targets)}.",
                nameof(settings)
            );
        using var scope = NewDisposeScope();
        return new Adapter(Family, revision: "", layers.ToDictionary(layer => layer.Name, LayerAdapter (layer) =>
        {
            var (a, b) = factors(layer);
            return new LoraLayer(layer.Name, a, b, settings.Alpha / settings.Rank);
        }));
    }
}
