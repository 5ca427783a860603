using System.Text.RegularExpressions;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Storage.Peft;

/// <summary>
/// PEFT's per-layer settings (<c>rank_pattern</c>, <c>alpha_pattern</c>): a key is a regular expression for the end of a
/// layer's path, beginning at a dot; the first key that matches counts.
/// </summary>
internal sealed class PeftPattern
{
    // Compiling is what costs; a model has a few hundred layers at most.
    private const int MostKeys = 1_000;
    private const int LongestKey = 1_000;

    private readonly IReadOnlyList<(Regex Key, double Value)> _entries;

    /// <exception cref="AdapterException">A key is not a regular expression that is safe to run.</exception>
    public PeftPattern(AdapterConfig config, string name)
    {
        var numbers = config.Numbers(name);
        if (numbers.Count > MostKeys)
            throw new AdapterException($"{AdapterConfig.FileName} has {name} with {numbers.Count} keys; at most {MostKeys} are read.");
        _entries = [.. numbers.Select(entry => (Compile($@"\A(.*\.)?({entry.Key})$", name), entry.Value))];
    }

    /// <summary>The value for a layer, or null where no key matches.</summary>
    public double? For(string sourceName)
    {
        foreach (var (key, value) in _entries)
            if (key.IsMatch(sourceName))
                return value;
        return null;
    }

    /// <summary>
    /// Compiles a stranger's expression for an engine whose time is linear in the text: no input makes it hang. What that
    /// engine cannot run (look-around, back-references) nobody uses on layer names.
    /// </summary>
    internal static Regex Compile(string expression, string setting)
    {
        if (expression.Length > LongestKey)
            throw new AdapterException(
                $"{AdapterConfig.FileName} has {setting} with {Quote(expression)}; at most {LongestKey} characters are read."
            );
        try
        {
            return new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new AdapterException(
                $"{AdapterConfig.FileName} has {setting} with {Quote(expression)}, which cannot be used: {exception.Message}",
                exception
            );
        }
    }
}
