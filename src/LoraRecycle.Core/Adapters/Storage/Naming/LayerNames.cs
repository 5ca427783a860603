using System.Globalization;

namespace LoraRecycle.Core.Adapters.Storage.Naming;

/// <summary>
/// A model's layers under the names that a file has for them: Hugging Face's old and new ones, timm's, open_clip's, with
/// whatever the model was wrapped in. Families see these and need not know that there are others.
/// </summary>
internal sealed class LayerNames
{
    private const string Fused = "qkv";
    private static readonly string[] FusedParts = ["q", "k", "v"];

    private readonly IReadOnlyList<AdaptableLayer> _own;

    private LayerNames(IReadOnlyList<AdaptableLayer> own, IReadOnlyList<AdaptableLayer> layers) => (_own, Layers) = (own, layers);

    /// <summary>The layers as the file names them; queries, keys and values are one layer, <c>layers.0.qkv</c>, where the file has them
    /// so.</summary>
    public IReadOnlyList<AdaptableLayer> Layers { get; }

    /// <param name="keys">The keys of the file's tensors.</param>
    /// <param name="layers">The model's layers under its own names, which stay where the file has these or none that is known.</param>
    public static LayerNames For(IReadOnlyCollection<string> keys, IReadOnlyList<AdaptableLayer> layers)
    {
        var own = layers;
        layers = ModuleNames.Renamed(keys, layers);
        var ofTower = LayerPath.IsOfTower(layers);
        var paths = keys.Select(key => LayerPath.Find(key, ofTower)).OfType<LayerPath>().ToArray();
        var first = layers.Count == 0 ? null : LayerPath.Find(layers[0].SourceName, ofTower);

        // A file of two models has two stems; the rarer one's tensors will be found to belong to no layer.
        var stem = paths.GroupBy(path => path.Stem, StringComparer.Ordinal).MaxBy(group => group.Count());
        if (stem is null)
            return new(own, layers);
        var modules = stem.GroupBy(path => path.Part, StringComparer.Ordinal)
            .ToDictionary(part => part.Key, part => part.First().Module, StringComparer.Ordinal);
        var isOwn =
            stem.Key == first?.Stem
            && stem.All(path => !modules.ContainsKey(Fused))
            && layers.All(layer =>
                Part(layer) is not var (block, part)
                || !modules.TryGetValue(part, out var module)
                || layer.SourceName == Path(stem.Key, block, module)
            );
        return isOwn ? new(own, layers) : new(own, [.. Renamed(layers, stem.Key, modules)]);
    }

    /// <summary>The adapter of the model's own layers.</summary>
    /// <param name="adapter">Of <see cref="Layers"/>; taken over.</param>
    public Adapter ToOwn(Adapter adapter)
    {
        if (!adapter.Layers.Keys.Any(IsFused))
            return adapter;
        var layers = new Dictionary<string, LayerAdapter>(StringComparer.Ordinal);
        foreach (var (name, layer) in adapter.Layers)
            if (IsFused(name))
                foreach (var (part, rows) in FusedRows.Split(layer, Members(name)))
                    layers.Add(part, rows);
            else
                layers.Add(name, layer);
        return new Adapter(adapter.Family, adapter.Revision, layers, adapter.Head, adapter.ClassNames) { Mixtures = adapter.Mixtures };
    }

    private static IEnumerable<AdaptableLayer> Renamed(
        IReadOnlyList<AdaptableLayer> layers,
        string stem,
        Dictionary<string, string> modules
    )
    {
        foreach (var layer in layers)
        {
            if (Part(layer) is not var (block, part))
                yield return layer;
            else if (!modules.TryGetValue(Fused, out var fused) || !FusedParts.Contains(part))
                yield return modules.TryGetValue(part, out var module) ? layer with { SourceName = Path(stem, block, module) } : layer;
            else if (part == FusedParts[0])
                yield return new AdaptableLayer(
                    $"layers.{block}.{Fused}",
                    Path(stem, block, fused),
                    layer.InFeatures,
                    FusedParts.Length * layer.OutFeatures
                );
        }
    }

    private static string Path(string stem, int block, string module) =>
        string.Create(CultureInfo.InvariantCulture, $"{stem}{block}.{module}");

    /// <summary>A canonical name's number and part.</summary>
    private static (int Block, string Part)? Part(AdaptableLayer layer) =>
        layer.Name.Split('.') is ["layers", var number, var part]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var block)
            ? (block, part)
            : null;

    /// <summary>Whether a layer is queries, keys and values in one.</summary>
    public static bool IsFused(string name) => name.EndsWith($".{Fused}", StringComparison.Ordinal);

    private IReadOnlyList<AdaptableLayer> Members(string fused) =>
        [.. FusedParts.Select(part => _own.Single(layer => layer.Name == fused[..^Fused.Length] + part))];
}
