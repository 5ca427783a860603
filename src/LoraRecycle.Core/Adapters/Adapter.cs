using System.Security.Cryptography;
using System.Text;
using TorchSharp;

namespace LoraRecycle.Core.Adapters;

/// <summary>An adapter in memory: what it does to each layer, and the head it was tuned with. Owns its tensors.</summary>
public sealed class Adapter : IDisposable
{
    /// <param name="family">The name of its family.</param>
    /// <param name="revision">What identifies its content.</param>
    /// <param name="layers">By the layers' canonical names; the adapter owns them from here on.</param>
    /// <param name="head">The classifier that it was tuned with, where its files hold one.</param>
    /// <param name="classNames">What the head's outputs stand for, where that is known.</param>
    public Adapter(
        string family, string revision, IReadOnlyDictionary<string, LayerAdapter> layers, ClassificationHead? head = null, IReadOnlyList<string>? classNames = null)
    {
        Family = family;
        Revision = revision;
        Layers = layers;
        Head = head;
        ClassNames = classNames ?? [];
    }

    public string Family { get; }

    /// <summary>SHA-256 over its files, in hex: equal revisions have equal effects.</summary>
    public string Revision { get; private set; }

    /// <summary>By <see cref="AdaptableLayer.Name"/>; layers that are missing stay as they are.</summary>
    public IReadOnlyDictionary<string, LayerAdapter> Layers { get; }

    public ClassificationHead? Head { get; private set; }

    /// <summary>One for each of the head's outputs, or none where the files do not name them.</summary>
    public IReadOnlyList<string> ClassNames { get; private set; }

    /// <summary>How many numbers are trained in the layers; the head is not counted.</summary>
    public long ParameterCount => Layers.Values.Sum(layer => layer.parameters().Sum(parameter => parameter.numel()));

    /// <summary>The head, for a model whose embeddings are of a length.</summary>
    /// <exception cref="AdapterException">There is none, or it is for other embeddings.</exception>
    public ClassificationHead RequireHead(int embeddingLength)
    {
        if (Head is null)
            throw new AdapterException($"The adapter has no classification head; expected {HeadFiles.HeadName} and {HeadFiles.NamesName} beside its files, or a linear classifier that PEFT saved with it (modules_to_save).");
        return Head.InFeatures == embeddingLength
            ? Head
            : throw new AdapterException($"The adapter's head takes embeddings of {Head.InFeatures} values; this model's have {embeddingLength}. It was tuned on another model.");
    }

    /// <summary>Puts a head on an adapter whose own files have none, and owns it from here on.</summary>
    internal void Attach(ClassificationHead head, IReadOnlyList<string> classNames) => (Head, ClassNames) = (head, classNames);

    /// <summary>Gives an adapter that was made in memory a revision over its values.</summary>
    internal void Revise()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in Layers.OrderBy(layer => layer.Key, StringComparer.Ordinal).SelectMany(layer => layer.Value.named_parameters())
            .Concat(Head?.named_parameters() ?? []))
        {
            using var scope = torch.NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {string.Join(',', tensor.shape)};"));
            hash.AppendData(tensor.detach().cpu().contiguous().bytes);
        }
        Revision = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        foreach (var layer in Layers.Values)
            layer.Dispose();
        Head?.Dispose();
    }
}
