using System.Diagnostics;
using System.Globalization;
using LoraRecycle.Core.Safetensors;

namespace LoraRecycle.Core.Adapters.Storage.Peft;

/// <summary>
/// Checks the layers that have tensors against those that the settings say were adapted. A file that lost a layer, or
/// gained one, is damaged, and would otherwise go unnoticed.
/// </summary>
internal static class PeftTargets
{
    private const string Setting = "target_modules";
    private const string AllLinear = "all-linear";
    private const string Excluding = "exclude_modules";
    private const string Numbers = "layers_to_transform";
    private const string Lists = "layers_pattern";
    // The last group of an expression, whatever groups the setting itself has.
    private const string Number = @"\.([0-9]+)\.";
    private const int MostLists = 100;

    /// <exception cref="AdapterException">A layer has tensors but is not a target, or the other way round.</exception>
    public static void Check(AdapterConfig config, IReadOnlyList<PeftTensors> adapted, IReadOnlyList<AdaptableLayer> layers)
    {
        if (Matcher(config) is not { } isTarget)
            return;

        var extra = adapted.Where(tensors => !isTarget(tensors.Layer.SourceName)).Select(tensors => tensors.Layer.SourceName).ToArray();
        if (extra.Length > 0)
            throw new AdapterException(
                $"the adapter has tensors for {AdapterException.Shown(extra)}, which {Said(config)} in {AdapterConfig.FileName} "
                    + "does not name."
            );

        var missing = layers.Where(IsExpected).Where(layer => isTarget(layer.SourceName)).Select(layer => layer.SourceName)
            .Except(adapted.Select(tensors => tensors.Layer.SourceName), StringComparer.Ordinal).ToArray();
        if (missing.Length > 0)
            throw new AdapterException(
                $"the adapter has no tensors for {AdapterException.Shown(missing)}, which {Said(config)} in {AdapterConfig.FileName} "
                    + "names; the file is incomplete."
            );

        // Training may use the model without what comes after its layers: then the file has nothing for any of that.
        bool IsExpected(AdaptableLayer layer) => layer.Part is not null || adapted.Any(tensors => tensors.Layer.Part is null);
    }

    private static string Said(AdapterConfig config) =>
        string.Join(
            " with ",
            new[] { Setting, Numbers, Lists, Excluding, PeftHead.Setting }.Where(name => name == Setting || config.IsSet(name))
        );

    private static Func<string, bool>? Matcher(AdapterConfig config)
    {
        if (Named(config) is not { } isNamed)
            return null;
        var (isExcluded, isSaved) = (Excluded(config), PeftHead.Saved(config));
        return path => isNamed(path) && !isExcluded(path) && !isSaved(path);
    }

    private static Func<string, bool>? Named(AdapterConfig config)
    {
        if (config.Texts(Setting)?.Select(WrappedNames.Unwrapped).ToArray() is { } names)
        {
            // A layer that is named by its whole path counts whatever its number is.
            var isNumbered = Numbered(config);
            return path => names.Any(name => path == name || (IsEnd(path, name) && isNumbered(path)));
        }
        if (config.Text(Setting) is not { } expression || expression.Equals(AllLinear, StringComparison.OrdinalIgnoreCase))
            return null;
        return PeftExpression.Whole(Setting, expression).IsMatch;
    }

    private static Func<string, bool> Excluded(AdapterConfig config)
    {
        if (config.Texts(Excluding)?.Select(WrappedNames.Unwrapped).ToArray() is { } names)
            return path => names.Any(name => path == name || IsEnd(path, name));
        return config.Text(Excluding) is { Length: > 0 } expression
            ? PeftExpression.Whole(Excluding, expression).IsMatch
            : _ => false;
    }

    /// <summary>Whether a layer's number, the first in its path, is among those wanted; <c>layers_pattern</c> says what stands before
    /// it.</summary>
    private static Func<string, bool> Numbered(AdapterConfig config)
    {
        if (config.WholeNumbers(Numbers) is not { Count: > 0 } wanted)
            return _ => true;
        var lists = config.Texts(Lists) ?? (config.Text(Lists) is { Length: > 0 } one ? [one] : []);
        if (lists.Count > MostLists)
            throw new AdapterException($"{AdapterConfig.FileName} has {Lists} with {lists.Count} names; at most {MostLists} are read.");
        var used = new Stopwatch();
        PeftExpression[] expressions =
            lists.Count == 0
                ? [PeftExpression.Of(Numbers, @"[^.]*", @".*?\.", Number)]
                : [.. lists.Select(list => PeftExpression.Of(Lists, list, @".*?\.", Number, used))];
        return path =>
            expressions.Select(expression => expression.Match(path)).FirstOrDefault(match => match.Success) is { } match
            && long.TryParse(match.Groups[^1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && wanted.Contains(number);
    }

    private static bool IsEnd(string path, string name) => path.EndsWith($".{name}", StringComparison.Ordinal);
}
