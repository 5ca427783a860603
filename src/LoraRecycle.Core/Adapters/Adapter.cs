namespace LoraRecycle.Core.Adapters;

/// <summary>An adapter in memory: what it does to each layer, and the head it was tuned with. Owns its tensors.</summary>
public sealed class Adapter : IDisposable
{
    /// <param name="family">The name of its family.</param>
    /// <param name="revision">What identifies its content.</param>
    /// <param name="layers">By the layers' canonical names; the adapter owns them from here on.</param>
    /// <param name="head">The classifier that it was tuned with, where its files hold one.</param>
    public Adapter(string family, string revision, IReadOnlyDictionary<string, LayerAdapter> layers, ClassificationHead? head = null)
    {
        Family = family;
        Revision = revision;
        Layers = layers;
        Head = head;
    }

    public string Family { get; }

    /// <summary>SHA-256 over its files, in hex: equal revisions have equal effects.</summary>
    public string Revision { get; }

    /// <summary>By <see cref="AdaptableLayer.Name"/>; layers that are missing stay as they are.</summary>
    public IReadOnlyDictionary<string, LayerAdapter> Layers { get; }

    public ClassificationHead? Head { get; }

    /// <summary>How many numbers are trained in the layers; the head is not counted.</summary>
    public long ParameterCount => Layers.Values.Sum(layer => layer.parameters().Sum(parameter => parameter.numel()));

    public void Dispose()
    {
        foreach (var layer in Layers.Values)
            layer.Dispose();
        Head?.Dispose();
    }
}
