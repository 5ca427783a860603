using System.Globalization;

namespace LoraRecycle.Core.Adapters.Storage.Naming;

/// <summary>Where a tensor's key says that it belongs: the same layer goes by many names.</summary>
/// <param name="Stem">What comes before the layer's number, with its dot: <c>vit.encoder.layer.</c>.</param>
/// <param name="Block">The layer's number.</param>
/// <param name="Module">The linear layer in it, as the file calls it: <c>attention.attention.query</c>.</param>
/// <param name="Part">The same in this project: <c>q</c>, <c>k</c>, <c>v</c>, <c>qkv</c> for all three in one, <c>out</c>, <c>fc1</c>,
/// <c>fc2</c>.</param>
internal sealed record LayerPath(string Stem, int Block, string Module, string Part)
{
    /// <summary>No name of a real tensor is longer; what a hostile one may cost grows with the square of its length.</summary>
    public const int LongestKey = 1_000;

    private const string Peft = "base_model.model.";
    private const int MostParts = 3;

    // What models and checkpoints are wrapped in. A text tower is not among them: its layers are not ours.
    private static readonly HashSet<string> Wrappers = new(StringComparer.Ordinal)
    {
        "vit", "deit", "dinov2", "dinov2_with_registers", "dinov3_vit", "clip", "siglip", "vision_model", "vision_tower",
        "vision_encoder", "image_encoder", "visual", "trunk", "backbone", "model", "module", "encoder", "transformer", "mixlora",
    };

    private static readonly HashSet<string> Lists = new(StringComparer.Ordinal) { "layer", "layers", "blocks", "resblocks" };

    // Layouts of one-tower models as Hugging Face has them, old and new.
    private static readonly Dictionary<string, string> Encoder = new(StringComparer.Ordinal)
    {
        ["attention.attention.query"] = "q",
        ["attention.attention.key"] = "k",
        ["attention.attention.value"] = "v",
        ["attention.output.dense"] = "out",
        ["intermediate.dense"] = "fc1",
        ["output.dense"] = "fc2",
        ["attention.q_proj"] = "q",
        ["attention.k_proj"] = "k",
        ["attention.v_proj"] = "v",
        ["attention.o_proj"] = "out",
        ["mlp.up_proj"] = "fc1",
        ["mlp.gate_proj"] = "gate",
        ["mlp.down_proj"] = "fc2",
    };

    // Those of two-tower models, as Hugging Face and open_clip have them.
    private static readonly Dictionary<string, string> Tower = new(StringComparer.Ordinal)
    {
        ["self_attn.q_proj"] = "q",
        ["self_attn.k_proj"] = "k",
        ["self_attn.v_proj"] = "v",
        ["self_attn.out_proj"] = "out",
        ["attn"] = "qkv",
        ["attn.in_proj"] = "qkv",
        ["attn.in_proj_weight"] = "qkv",
        ["attn.out_proj"] = "out",
        ["mlp.c_fc"] = "fc1",
        ["mlp.c_proj"] = "fc2",
    };

    // timm has both kinds.
    private static readonly Dictionary<string, string> Either = new(StringComparer.Ordinal)
    {
        ["attn.qkv"] = "qkv",
        ["attn.proj"] = "out",
        ["mlp.fc1"] = "fc1",
        ["mlp.fc2"] = "fc2",
    };

    /// <summary>Finds the layer in a key.</summary>
    /// <param name="key">A tensor's key, or a layer's path.</param>
    /// <param name="ofTower">Whether the model at hand has the layout of a two-tower model. Names of the other kind are another
    /// model's.</param>
    /// <returns>Nothing for a key of no known layout.</returns>
    public static LayerPath? Find(string key, bool ofTower)
    {
        if (key.Length > LongestKey)
            return null;
        var path = key.StartsWith(Peft, StringComparison.Ordinal) ? key[Peft.Length..] : key;
        var words = path.Split('.').Where(word => word != "base_layer").ToArray();
        var list = Array.FindIndex(words, word => !Wrappers.Contains(word));
        if (list < 0 || list + 2 >= words.Length || !Lists.Contains(words[list])
            || !int.TryParse(words[list + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var block))
            return null;

        var rest = words[(list + 2)..];
        for (var length = Math.Min(MostParts, rest.Length); length > 0; length--)
        {
            var module = string.Join('.', rest[..length]);
            if ((ofTower ? Tower : Encoder).TryGetValue(module, out var part) || Either.TryGetValue(module, out part))
                return new(string.Concat(words[..(list + 1)].Select(word => $"{word}.")), block, module, part);
        }
        return null;
    }

    /// <summary>What a key says after all that the model was wrapped in.</summary>
    /// <returns>The words of the wrapping, and those after it.</returns>
    public static (string[] Wrapping, string[] Words) Unwrapped(string key)
    {
        var path = key.StartsWith(Peft, StringComparison.Ordinal) ? key[Peft.Length..] : key;
        var words = path.Split('.').Where(word => word != "base_layer").ToArray();
        var wrapping = words.TakeWhile(Wrappers.Contains).ToArray();
        return (wrapping, words[wrapping.Length..]);
    }

    /// <summary>Whether a model's own names are of a two-tower model's layout.</summary>
    public static bool IsOfTower(IReadOnlyList<AdaptableLayer> layers) =>
        layers.Any(layer => layer.SourceName.Contains(".self_attn.", StringComparison.Ordinal));
}
