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
        string family,
        string revision,
        IReadOnlyDictionary<string, LayerAdapter> layers,
        ClassificationHead? head = null,
        IReadOnlyList<string>? classNames = null
    )
    {
        Family = family;
        Revision = revision;
        Layers = layers;
        Head = head;
        ClassNames = classNames ?? [];
    }

    public string Family { get; }

    /// <summary>As <see cref="AdapterRevision"/> makes it of its files, or of its values where it has none.</summary>
    public string Revision { get; private set; }

    /// <summary>By <see cref="AdaptableLayer.Name"/>; layers that are missing stay as they are.</summary>
    public IReadOnlyDictionary<string, LayerAdapter> Layers { get; }

    /// <summary>By block (<c>layers.0</c>): what takes the place of its feed-forward part. Owned; most adapters have none.</summary>
    public IReadOnlyDictionary<string, ExpertMixture> Mixtures { get; init; } = new Dictionary<string, ExpertMixture>();

    public ClassificationHead? Head { get; private set; }

    /// <summary>One for each of the head's outputs, or none where the files do not name them.</summary>
    public IReadOnlyList<string> ClassNames { get; private set; }

    /// <summary>Tensors of its files that have no part in the embedding, such as those of a ViT's pooler.</summary>
    public IReadOnlyList<string> PassedOver { get; internal set; } = [];

    /// <summary>How many numbers are trained in the layers; the head is not counted.</summary>
    public long ParameterCount => Parts.Sum(part => part.Module.parameters().Sum(parameter => parameter.numel()));

    /// <summary>Which parts of a block it changes: <c>q</c>, <c>k</c>, <c>v</c>, <c>out</c>, <c>fc1</c>, <c>fc2</c>, and <c>mlp</c> where
    /// experts take the place of both of these.</summary>
    public IReadOnlyList<string> Targets =>
        [
            .. Layers
                .Keys.Select(name => name[(name.LastIndexOf('.') + 1)..])
                .Concat(Mixtures.Select(_ => "mlp"))
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Everything that is trained in the model, by the name of the layer or block; the head is not among them.</summary>
    internal IEnumerable<(string Name, torch.nn.Module Module)> Parts =>
        Layers
            .Select(layer => (layer.Key, (torch.nn.Module)layer.Value))
            .Concat(Mixtures.Select(mixture => (mixture.Key, (torch.nn.Module)mixture.Value)));

    /// <summary>The head, for a model whose embeddings are of a length.</summary>
    /// <exception cref="AdapterException">There is none, or it is for other embeddings.</exception>
    public ClassificationHead RequireHead(int embeddingLength)
    {
        if (Head is null)
            throw new AdapterException(
                $"The adapter has no classification head; expected {ClassificationHead.FileName} and {ClassificationHead.NamesFileName} "
                    + "next to its files, or a linear classifier that PEFT saved with the adapter (modules_to_save)."
            );
        return Head.InFeatures == embeddingLength
            ? Head
            : throw new AdapterException(
                $"The adapter's head takes embeddings of {Head.InFeatures} values; this model's have {embeddingLength}. It was tuned on "
                    + "another model."
            );
    }

    /// <summary>Refuses an adapter that is more than changes of single layers, where nothing else can be used.</summary>
    /// <param name="purpose">What the adapter is needed for: <c>merged into the weights</c>.</param>
    /// <exception cref="AdapterException">It has a mixture of experts.</exception>
    public void RequireOnlyLayers(string purpose)
    {
        if (Mixtures.Count > 0)
            throw new AdapterException(
                $"an adapter of family {Family} cannot be {purpose}: its router chooses experts for every token, which a merged weight "
                    + "cannot do. The adapter runs only beside the model: inversion and tuning can use it."
            );
    }

    /// <summary>Puts a head on an adapter whose own files have none, and owns it from here on.</summary>
    internal void Attach(ClassificationHead head, IReadOnlyList<string> classNames) => (Head, ClassNames) = (head, classNames);

    /// <summary>Gives an adapter that was made in memory a revision over its values.</summary>
    internal void Revise() =>
        Revision = AdapterRevision.FromValues(
            Parts
                .OrderBy(part => part.Name, StringComparer.Ordinal)
                .SelectMany(part => part.Module.named_parameters())
                .Concat(Head?.named_parameters() ?? [])
                .Select(parameter => (parameter.name, (torch.Tensor)parameter.parameter))
        );

    public void Dispose()
    {
        foreach (var (_, part) in Parts)
            part.Dispose();
        Head?.Dispose();
    }
}
