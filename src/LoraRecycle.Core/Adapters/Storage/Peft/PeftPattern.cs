using System.Diagnostics;

namespace LoraRecycle.Core.Adapters.Storage.Peft;

/// <summary>
/// PEFT's per-layer settings (<c>rank_pattern</c>, <c>alpha_pattern</c>): a key is a regular expression for the end of a
/// layer's path, beginning at a dot; the first key that matches counts.
/// </summary>
internal sealed class PeftPattern
{
    // Compiling is what costs; a model has a few hundred layers at most.
    private const int MostKeys = 1_000;

    private readonly IReadOnlyList<(PeftExpression Key, double Value)> _entries;

    /// <exception cref="AdapterException">A key is not a regular expression.</exception>
    public PeftPattern(AdapterConfig config, string name)
    {
        var numbers = config.Numbers(name);
        if (numbers.Count > MostKeys)
            throw new AdapterException($"{AdapterConfig.FileName} has {name} with {numbers.Count} keys; at most {MostKeys} are read.");
        var used = new Stopwatch();
        _entries = [.. numbers.Select(entry => (PeftExpression.Of(name, entry.Key, @"(.*\.)?(", ")$", used), entry.Value))];
    }

    /// <summary>The value for a layer, or null where no key matches.</summary>
    /// <exception cref="AdapterException">The keys take too long to match.</exception>
    public double? For(string sourceName)
    {
        foreach (var (key, value) in _entries)
            if (key.IsMatch(sourceName))
                return value;
        return null;
    }
}
