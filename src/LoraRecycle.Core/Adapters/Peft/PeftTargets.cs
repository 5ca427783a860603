namespace LoraRecycle.Core.Adapters.Peft;

/// <summary>
/// Checks the layers that have tensors against those that the settings say were adapted. A file that lost a layer, or
/// gained one, is damaged, and would otherwise go unnoticed.
/// </summary>
internal static class PeftTargets
{
    private const string Setting = "target_modules";
    private const string AllLinear = "all-linear";

    // With any of these the set of layers is smaller than target_modules alone says.
    private static readonly string[] Narrowing = ["layers_to_transform", "layers_pattern", "exclude_modules"];

    /// <exception cref="AdapterException">A layer has tensors but is not a target, or the other way round.</exception>
    public static void Check(AdapterConfig config, IReadOnlyList<PeftTensors> adapted, IReadOnlyList<AdaptableLayer> layers)
    {
        if (Matcher(config) is not { } isTarget)
            return;

        var extra = adapted.Where(tensors => !isTarget(tensors.Layer.SourceName)).Select(tensors => tensors.Layer.SourceName).ToArray();
        if (extra.Length > 0)
            throw new AdapterException(
                $"the adapter has tensors for {AdapterCatalog.Shown(extra)}, which {Setting} in {AdapterConfig.FileName} does not name.");

        if (Narrowing.Any(config.IsSet))
            return;
        var missing = layers.Where(layer => isTarget(layer.SourceName)).Select(layer => layer.SourceName)
            .Except(adapted.Select(tensors => tensors.Layer.SourceName), StringComparer.Ordinal).ToArray();
        if (missing.Length > 0)
            throw new AdapterException(
                $"the adapter has no tensors for {AdapterCatalog.Shown(missing)}, which {Setting} in {AdapterConfig.FileName} names; the file is incomplete.");
    }

    private static Func<string, bool>? Matcher(AdapterConfig config)
    {
        if (config.Texts(Setting) is { } names)
            return path => names.Any(name => path == name || path.EndsWith($".{name}", StringComparison.Ordinal));
        if (config.Text(Setting) is not { } expression || expression == AllLinear)
            return null;
        return PeftPattern.Compile($@"\A(?:{expression})\z", Setting).IsMatch;
    }
}
