using LoraRecycle.Core.Adapters.Storage.Naming;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Storage.Peft;

/// <summary>
/// The tensors of one layer in a PEFT file, by the parameter's short name: <c>lora_A</c>, <c>lora_magnitude_vector</c>,
/// <c>hada_w1_a</c>, or <c>bias</c> for a bias that replaces the layer's own.
/// </summary>
/// <param name="Layer">The layer that they belong to.</param>
/// <param name="Keys">The key in the file, by short name.</param>
internal sealed record PeftTensors(AdaptableLayer Layer, IReadOnlyDictionary<string, string> Keys)
{
    private const string Prefix = "base_model.model.";

    /// <summary>The key of a parameter that must be there.</summary>
    /// <exception cref="AdapterException">It is not.</exception>
    public string this[string parameter] =>
        Keys.TryGetValue(parameter, out var key)
            ? key
            : throw new AdapterException(
                $"layer {Layer.SourceName} has no tensor {Quote($"{Prefix}{Layer.SourceName}.{parameter}")}, only "
                    + $"{AdapterException.Shown(Keys.Values)}."
            );

    /// <summary>Sorts a PEFT file's tensors by the model's layers.</summary>
    /// <param name="files">Those of its tensors that are taken already are left out.</param>
    /// <param name="layers">The model's layers.</param>
    /// <param name="shared">Tensors that belong to no layer, whose names the family knows.</param>
    /// <param name="canonical">Gives a key as <c>layer.parameter</c> where the file has it otherwise.</param>
    /// <returns>The layers that have tensors, in the model's order.</returns>
    /// <exception cref="AdapterException">A tensor belongs to no layer of the model.</exception>
    public static IReadOnlyList<PeftTensors> ByLayer(
        AdapterFiles files,
        IReadOnlyList<AdaptableLayer> layers,
        IReadOnlyCollection<string>? shared = null,
        Func<string, string>? canonical = null
    )
    {
        var layerOf = layers.ToDictionary(layer => layer.SourceName, StringComparer.Ordinal);
        var keys = layers.ToDictionary(layer => layer, _ => new Dictionary<string, string>(StringComparer.Ordinal));
        var strangers = new List<string>();
        foreach (var key in files.Remaining.Except(shared ?? [], StringComparer.Ordinal))
        {
            if (Find(layerOf, key, canonical) is not var (layer, parameter))
            {
                if (ModuleNames.IsWithoutEffect(key)) files.PassOver(key);
                else strangers.Add(key);
            }
            else if (!keys[layer].TryAdd(parameter, key))
                throw new AdapterException(
                    $"{Quote(files.Path)} has two tensors for one parameter: {Quote(keys[layer][parameter])} and {Quote(key)}."
                );
        }

        if (strangers.Count > 0)
            throw new AdapterException(
                $"{Quote(files.Path)} has tensors for layers that this model does not have, or that cannot be adapted here: "
                + $"{AdapterException.Shown(strangers)}; {Supported(layers)}");
        return [.. layers.Where(layer => keys[layer].Count > 0).Select(layer => new PeftTensors(layer, keys[layer]))];
    }

    private static string Supported(IReadOnlyList<AdaptableLayer> layers)
    {
        var after = layers.Where(layer => layer.Part is null).Select(layer => Quote(layer.SourceName)).ToArray();
        return $"those that can are the linear layers of its blocks, named like {Quote(layers[0].SourceName)}"
            + (after.Length == 0 ? "." : $", and {string.Join(", ", after)}.");
    }

    /// <summary>A key as a path in the model; null for one that is longer than any real one.</summary>
    public static string? PathOf(string key) =>
        key.Length > LayerPath.LongestKey
            ? null
            : (key.StartsWith(Prefix, StringComparison.Ordinal) ? key[Prefix.Length..] : key).Replace(
                ".base_layer.",
                ".",
                StringComparison.Ordinal
            );

    private static (AdaptableLayer Layer, string Parameter)? Find(
        Dictionary<string, AdaptableLayer> layerOf,
        string key,
        Func<string, string>? canonical
    )
    {
        // Before its form is changed: what a hostile one may cost grows with its length.
        if (key.Length > LayerPath.LongestKey || PathOf(canonical?.Invoke(key) ?? key) is not { } path)
            return null;

        // The layer's own path may hold any number of dots; so may what follows it. The longest layer wins.
        for (var dot = path.LastIndexOf('.'); dot > 0; dot = path.LastIndexOf('.', dot - 1))
            if (layerOf.TryGetValue(path[..dot], out var layer))
                return (layer, ShortName(path[(dot + 1)..]));
        return null;
    }

    /// <summary>Drops what carries no meaning: the adapter's own name, and <c>.weight</c>.</summary>
    private static string ShortName(string parameter)
    {
        var parts = parameter.Split('.').Where(part => part is not "default").ToArray();
        return string.Join('.', parts is [.., "weight"] and not ["weight"] ? parts[..^1] : parts);
    }
}
