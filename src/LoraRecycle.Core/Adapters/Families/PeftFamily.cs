using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families;

/// <summary>
/// What the families that PEFT writes have in common: the type in their settings, tensors named after the model's layers,
/// and perhaps a few that all layers share.
/// </summary>
public abstract class PeftFamily : IAdapterFamily
{
    private readonly string _peftType;

    /// <param name="name">What users see.</param>
    /// <param name="peftType">PEFT's name of the family: <c>VERA</c>.</param>
    protected PeftFamily(string name, string peftType) => (Name, _peftType) = (name, peftType);

    public string Name { get; }

    public virtual bool Recognises(AdapterFiles files) => files.Config?.PeftType == _peftType;

    /// <inheritdoc/>
    public Adapter Read(AdapterFiles files, IReadOnlyList<AdaptableLayer> layers)
    {
        var config = files.Config!;
        PeftSettings.Check(config, Settings);
        var hasBiases = PeftBias.IsTrained(config);

        // Tensors that are read before a later one turns out to be damaged go with the scope, finished layers below.
        using var scope = torch.NewDisposeScope();
        var head = PeftHead.Take(files);
        var adapted = PeftTensors.ByLayer(files, layers, Shared, Canonical);
        PeftTargets.Check(config, adapted, layers);
        if (adapted.Count == 0)
            throw new AdapterException($"{Quote(files.Path)} has no tensor for any layer of this model.");
        if (hasBiases)
            PeftBias.RequireAll(files, adapted);

        var read = new Dictionary<string, LayerAdapter>(StringComparer.Ordinal);
        try
        {
            var layerOf = Reader(files, adapted);
            foreach (var tensors in adapted)
            {
                read.Add(tensors.Layer.Name, layerOf(tensors));
                if (hasBiases && tensors.Keys.TryGetValue(PeftBias.Parameter, out var key) && !files.IsTaken(key))
                    read[tensors.Layer.Name] = new TrainedBias(
                        tensors.Layer.Name,
                        read[tensors.Layer.Name],
                        files.Take(key, tensors.Layer.OutFeatures)
                    );
            }
            return new Adapter(Name, files.Revision(), read, head is var (weight, bias) ? new ClassificationHead(weight, bias) : null);
        }
        catch
        {
            foreach (var layer in read.Values)
                layer.Dispose();
            throw;
        }
    }

    /// <summary>The settings of this family that are understood, besides those that every family has.</summary>
    internal abstract IReadOnlyCollection<string> Settings { get; }

    /// <summary>The names of the tensors that all layers share.</summary>
    internal virtual IReadOnlyCollection<string> Shared => [];

    /// <summary>A tensor's key as <c>layer.parameter</c>, where the files of this family have it otherwise.</summary>
    internal virtual string Canonical(string key) => key;

    /// <summary>
    /// Reads the settings and what is shared, and gives what reads one layer. A trained bias of the layer may be left: then
    /// it is what the layer that was read finds in place of the frozen one.
    /// </summary>
    /// <param name="files">The files; every tensor is taken out of them.</param>
    /// <param name="adapted">The layers that have tensors.</param>
    internal abstract Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted);
}
