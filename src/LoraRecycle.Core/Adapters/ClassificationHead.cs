using TorchSharp;
using TorchSharp.Modules;

namespace LoraRecycle.Core.Adapters;

/// <summary>The linear classifier that a LoRA was tuned with, over the model's embeddings.</summary>
public sealed class ClassificationHead : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    /// <summary>The file beside an adapter's own that holds its head.</summary>
    public const string FileName = "head.safetensors";

    /// <summary>The file that names the head's classes.</summary>
    public const string NamesFileName = "classes.json";

    private readonly Parameter _weight;
    private readonly Parameter? _bias;

    /// <param name="weight"><c>[classes, embedding]</c>; the head takes it over.</param>
    /// <param name="bias"><c>[classes]</c>, or none; the head takes it over.</param>
    public ClassificationHead(torch.Tensor weight, torch.Tensor? bias = null)
        : base(nameof(ClassificationHead))
    {
        (Classes, InFeatures) = (weight.shape[0], weight.shape[1]);
        _weight = LayerAdapter.Own(this, nameof(weight), weight);
        _bias = bias is null ? null : LayerAdapter.Own(this, nameof(bias), bias);
    }

    public long Classes { get; }

    /// <summary>The length of the embeddings that it classifies.</summary>
    public long InFeatures { get; }

    /// <summary><c>[classes, embedding]</c></summary>
    public torch.Tensor Weight => _weight;

    /// <summary><c>[classes]</c></summary>
    public torch.Tensor? Bias => _bias;

    /// <summary>Another one of the same values, which shares nothing with this one.</summary>
    internal ClassificationHead Copy()
    {
        using var scope = torch.NewDisposeScope();
        return new ClassificationHead(_weight.detach().clone(), _bias?.detach().clone());
    }

    /// <param name="input"><c>[batch, embedding]</c></param>
    /// <returns>Logits, <c>[batch, classes]</c>.</returns>
    public override torch.Tensor forward(torch.Tensor input) => torch.nn.functional.linear(input, _weight, _bias);
}
