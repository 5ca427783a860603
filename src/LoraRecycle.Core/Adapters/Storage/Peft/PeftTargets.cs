using System.Globalization;
using System.Text.RegularExpressions;

namespace LoraRecycle.Core.Adapters.Storage.Peft;

/// <summary>
/// Checks the layers that have tensors against those that the settings say were adapted. A file that lost a layer, or
/// gained one, is damaged, and would otherwise go unnoticed.
/// </summary>
internal static partial class PeftTargets
{
    private const string Setting = "target_modules";
    private const string AllLinear = "all-linear";
    private const string Excluding = "exclude_modules";
    private const string Numbers = "layers_to_transform";
    private const string Lists = "layers_pattern";
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

        var missing = layers.Where(layer => isTarget(layer.SourceName)).Select(layer => layer.SourceName)
            .Except(adapted.Select(tensors => tensors.Layer.SourceName), StringComparer.Ordinal).ToArray();
        if (missing.Length > 0)
            throw new AdapterException(
                $"the adapter has no tensors for {AdapterException.Shown(missing)}, which {Said(config)} in {AdapterConfig.FileName} "
                    + "names; the file is incomplete."
            );
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
        if (config.Texts(Setting) is { } names)
        {
            // A layer that is named by its whole path counts whatever its number is.
            var isNumbered = Numbered(config);
            return path => names.Any(name => path == name || (IsEnd(path, name) && isNumbered(path)));
        }
        if (config.Text(Setting) is not { } expression || expression.Equals(AllLinear, StringComparison.OrdinalIgnoreCase))
            return null;
        return PeftPattern.Compile($@"\A(?:{expression})\z", Setting).IsMatch;
    }

    private static Func<string, bool> Excluded(AdapterConfig config)
    {
        if (config.Texts(Excluding) is { } names)
            return path => names.Any(name => path == name || IsEnd(path, name));
        return config.Text(Excluding) is { Length: > 0 } expression
            ? PeftPattern.Compile($@"\A(?:{expression})\z", Excluding).IsMatch
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
        Regex[] expressions =
            lists.Count == 0
                ? [FirstNumber()]
                : [.. lists.Select(list => PeftPattern.Compile($@"\A.*?\.{list}\.(?<number>[0-9]+)\.", Lists))];
        return path =>
            expressions.Select(expression => expression.Match(path)).FirstOrDefault(match => match.Success) is { } match
            && long.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && wanted.Contains(number);
    }

    [GeneratedRegex(@"\A.*?\.[^.]*\.(?<number>[0-9]+)\.", RegexOptions.CultureInvariant)]
    private static partial Regex FirstNumber();

    private static bool IsEnd(string path, string name) => path.EndsWith($".{name}", StringComparison.Ordinal);
}
