using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Safetensors;

/// <summary>
/// What training wraps a model in leaves its name in the names of tensors: <c>torch.compile</c>, data parallelism, sharding,
/// checkpointed activations. It says nothing about the model, wherever it stands.
/// </summary>
public static class WrappedNames
{
    internal static readonly IReadOnlySet<string> Wrappers = new HashSet<string>(StringComparer.Ordinal)
    {
        "_orig_mod", "module", "_module", "_fsdp_wrapped_module", "_fpw_module", "_checkpoint_wrapped_module", "_forward_module",
    };

    /// <summary>A tensor's or a layer's name without them.</summary>
    public static string Unwrapped(string name)
    {
        if (!name.Contains("mod", StringComparison.Ordinal))
            return name;
        var words = name.Split('.');
        return words.Any(Wrappers.Contains) ? string.Join('.', words.Where(word => !Wrappers.Contains(word))) : name;
    }

    /// <summary>Tensors by their names without wrappers.</summary>
    /// <param name="tensors">By their names in the file.</param>
    /// <param name="source">Where they are, for a message.</param>
    /// <exception cref="SafetensorsException">Two would have one name.</exception>
    internal static IReadOnlyDictionary<string, SafetensorsEntry> Unwrapped(IEnumerable<SafetensorsEntry> tensors, string source)
    {
        var unwrapped = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        foreach (var entry in tensors)
        {
            var name = Unwrapped(entry.Name);
            if (!unwrapped.TryAdd(name, entry))
                throw new SafetensorsException(
                    $"{Quote(source)} has the tensor {Quote(name)} twice: as {Quote(unwrapped[name].Name)} and as {Quote(entry.Name)}."
                );
        }
        return unwrapped;
    }
}
