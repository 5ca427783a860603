namespace LoraRecycle.Core.Adapters.Storage.Naming;

/// <summary>Names of a model's linear layers that are in none of its blocks.</summary>
internal static class ModuleNames
{
    // As Hugging Face and timm have them.
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["pooling.out"] = ["head.attention.out_proj", "attn_pool.proj"],
        ["pooling.fc1"] = ["head.mlp.fc1", "attn_pool.mlp.fc1"],
        ["pooling.fc2"] = ["head.mlp.fc2", "attn_pool.mlp.fc2"],
        ["projection"] = ["visual_projection"],
    };

    // A ViT's pooler gives what a classifier of its own may use, and no embedding.
    private static readonly string[] WithoutEffect = ["pooler", "dense"];

    /// <summary>Layers after the blocks under the names that a file has for them; the others as they are.</summary>
    public static IReadOnlyList<AdaptableLayer> Renamed(IEnumerable<string> keys, IReadOnlyList<AdaptableLayer> layers)
    {
        if (layers.All(layer => layer.Part is not null)) return layers;
        var places = keys.Where(key => key.Length <= LayerPath.LongestKey).Select(LayerPath.Unwrapped).ToArray();
        return [.. layers.Select(layer => Known.TryGetValue(layer.Name, out var names) ? Renamed(layer, names, places) : layer)];
    }

    /// <summary>Whether a key is of a layer that has no part in the embedding.</summary>
    public static bool IsWithoutEffect(string key) =>
        key.Length <= LayerPath.LongestKey && LayerPath.Unwrapped(key).Words.Take(WithoutEffect.Length).SequenceEqual(WithoutEffect);

    private static AdaptableLayer Renamed(AdaptableLayer layer, string[] names, (string[] Wrapping, string[] Words)[] places)
    {
        foreach (var words in names.Select(name => name.Split('.')))
            foreach (var (wrapping, rest) in places)
                if (rest.Length > words.Length && rest.Take(words.Length).SequenceEqual(words))
                    return layer with { SourceName = string.Join('.', wrapping.Concat(words)) };
        return layer;
    }
}
