using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Models;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Inversion;

/// <summary>A LoRA to make images of.</summary>
/// <param name="Name">What it is called in messages and pools.</param>
/// <param name="Adapter">The LoRA with the head that it was tuned with; not owned.</param>
/// <param name="Classes">The names of the head's classes, in its order.</param>
public sealed record InversionSource(string Name, Adapter Adapter, IReadOnlyList<string> Classes)
{
    /// <summary>Refuses, before any work, what cannot be inverted.</summary>
    /// <exception cref="InversionException">No head, a head of another width or of one class, names that do not match it, or weights that are not finite.</exception>
    public InversionSource Validated(VisionTransformerConfig model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var head = Adapter.Head ?? throw new InversionException($"{Name} has no classification head; only a LoRA with the head that it was tuned with can be inverted.");
        if (head.InFeatures != model.EmbeddingLength)
            throw new InversionException($"The head of {Name} classifies vectors of {head.InFeatures}; the model's embeddings have {model.EmbeddingLength}. It was tuned with another model.");
        if (head.Classes < 2)
            throw new InversionException($"The head of {Name} has {head.Classes} class; at least 2 are needed to tell one from another.");
        if (head.Classes != Classes.Count)
            throw new InversionException($"The head of {Name} has {head.Classes} classes, but {Classes.Count} names came with it.");
        foreach (var (layer, part) in Adapter.Layers)
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
