using System.Text.RegularExpressions;

namespace LoraRecycle.Core.Vision.Loading.Families;

/// <summary>Translates canonical paths to a family's own, whole modules at a time.</summary>
/// <param name="layer">The path of a layer, with <c>{0}</c> for its number.</param>
/// <param name="modules">Canonical module (within a layer for those of <c>layers.N</c>) to the family's.</param>
internal sealed partial class NameMap(string layer, IReadOnlyDictionary<string, string> modules)
{
    public string this[string name]
    {
        get
        {
            var match = LayerPath().Match(name);
            return match.Success
                ? string.Format(System.Globalization.CultureInfo.InvariantCulture, layer, match.Groups[1].Value)
                    + "."
                    + Translate(match.Groups[2].Value)
                : Translate(name);
        }
    }

    private string Translate(string name)
    {
        if (modules.TryGetValue(name, out var whole)) return whole;
        var dot = name.LastIndexOf('.');
        return dot > 0 && modules.TryGetValue(name[..dot], out var module)
            ? module + name[dot..]
            : throw new ArgumentException($"Expected a canonical module path, got '{name}'.", nameof(name));
    }

    [GeneratedRegex(@"^layers\.(\d+)\.(.+)$")]
    private static partial Regex LayerPath();
}
