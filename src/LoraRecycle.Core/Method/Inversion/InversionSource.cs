using System.Globalization;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion;

/// <summary>A LoRA to make images of.</summary>
/// <param name="Name">What it is called in messages and pools.</param>
/// <param name="Adapter">The LoRA with the head that it was tuned with; not owned.</param>
/// <param name="Classes">The names of the head's classes, in its order.</param>
public sealed record InversionSource(string Name, Adapter Adapter, IReadOnlyList<string> Classes)
{
    /// <summary>Where it was read from, so that another device can read it too; null for one that was made in memory.</summary>
    public string? Path { get; init; }

    /// <summary>Plain LoRAs run in a batch with others, on any device; others alone, on the device where they are.</summary>
    internal bool IsPlain => Adapter.Mixtures.Count == 0 && Adapter.Layers.Values.All(layer => layer is LoraLayer);

    /// <summary>Reads a LoRA and calls it by the name of its directory or file; classes without names are numbered.</summary>
    /// <param name="path">A PEFT directory or a file.</param>
    /// <param name="layers">The model's layers.</param>
    /// <param name="device">Where its tensors shall be; without it, host memory.</param>
    /// <returns>The source, whose adapter the caller owns.</returns>
    /// <exception cref="AdapterException">There is none, it is damaged, or for another model.</exception>
    public static InversionSource Read(string path, IReadOnlyList<AdaptableLayer> layers, Device? device = null)
    {
        var adapter = AdapterCatalog.Default.Load(path, layers, device);
        var classes = adapter.ClassNames.Count > 0
            ? adapter.ClassNames
            : [.. Enumerable.Range(0, (int)(adapter.Head?.Classes ?? 0)).Select(label => label.ToString(CultureInfo.InvariantCulture))];
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        var name = Directory.Exists(full) ? HubCache.NameOf(full) : System.IO.Path.GetFileNameWithoutExtension(full);
        return new InversionSource(name, adapter, classes) { Path = full };
    }

    /// <summary>Refuses, before any work, what cannot be inverted.</summary>
    /// <exception cref="InversionException">No head, a head of another width or of one class, names that do not match it, or weights that
    /// are not finite.</exception>
    public InversionSource Validated(VisionTransformerConfig model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var head =
            Adapter.Head
            ?? throw new InversionException(
                $"{Name} has no classification head; only a LoRA with the head it was tuned with can be inverted."
            );
        if (head.InFeatures != model.EmbeddingLength)
            throw new InversionException(
                $"The head of {Name} classifies vectors of {head.InFeatures}; the model's embeddings have {model.EmbeddingLength}. It "
                    + "was tuned with another model."
            );
        if (head.Classes < 2)
            throw new InversionException($"The head of {Name} has {head.Classes} class; at least 2 are needed.");
        if (head.Classes != Classes.Count)
            throw new InversionException($"The head of {Name} has {head.Classes} classes, but there are {Classes.Count} names.");
        foreach (var (layer, part) in Adapter.Parts)
            foreach (var (name, parameter) in part.named_parameters())
                RequireFinite(parameter, $"{layer}.{name}");
        RequireFinite(head.Weight, "head.weight");
        if (head.Bias is not null) RequireFinite(head.Bias, "head.bias");
        return this;
    }

    private void RequireFinite(Tensor values, string name)
    {
        using var scope = NewDisposeScope();
        if (!values.detach().isfinite().all().item<bool>())
            throw new InversionException($"{Name} has values that are not finite in {name}; tune it again.");
    }
}
