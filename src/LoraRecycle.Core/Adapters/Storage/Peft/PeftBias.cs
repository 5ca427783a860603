using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Storage.Peft;

/// <summary>
/// Biases of the adapted layers that were trained along with the adapter: <c>bias</c> is <c>lora_only</c>, <c>hra_only</c>
/// and so on. They are stored whole, and take the place of the layers' own.
/// </summary>
internal static class PeftBias
{
    /// <summary>The short name of such a bias among a layer's tensors.</summary>
    public const string Parameter = "bias";

    private const string Setting = "bias";

    /// <summary>Whether the settings announce them.</summary>
    /// <exception cref="AdapterException">The settings say something else than that or none.</exception>
    public static bool IsTrained(AdapterConfig config) =>
        config.Text(Setting) switch
        {
            null or "none" => false,
            { } only when only.EndsWith("_only", StringComparison.Ordinal) => true,
            { } other => throw new AdapterException(
                $"{AdapterConfig.FileName} has {Setting} = {Quote(other)}; supported are 'none' and "
                    + $"'{config.PeftType.ToLowerInvariant()}_only', the biases of the adapted layers."
            ),
        };

    /// <summary>Of one kind of layer either all have a bias or none; a file where some lack it lost them.</summary>
    /// <exception cref="AdapterException">A bias is missing.</exception>
    public static void RequireAll(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var trained = adapted
            .Where(entry => entry.Keys.ContainsKey(Parameter))
            .Select(entry => Kind(entry.Layer))
            .ToHashSet(StringComparer.Ordinal);
        if (trained.Count == 0)
            throw new AdapterException(
                $"{Quote(files.Path)} has no bias for any layer, although {Setting} = {Quote(files.Config!.Text(Setting)!)} in "
                    + $"{AdapterConfig.FileName} announces some. "
                    + $"PEFT leaves biases out when it converts an adapter while saving; save without converting, or with {Setting} = "
                    + "'none' if the layers have no bias."
            );
        foreach (var entry in adapted.Where(entry => trained.Contains(Kind(entry.Layer))))
            _ = entry[Parameter];
    }

    private static string Kind(AdaptableLayer layer) => layer.Name[(layer.Name.LastIndexOf('.') + 1)..];
}
