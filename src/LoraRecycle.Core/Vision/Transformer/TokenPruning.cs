using System.Globalization;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>
/// At which layers image tokens leave a transformer, and which share of those still there (LoRA Recycle, section 3.2).
/// The tokens that get the least attention leave after the layer's attention and before its feed-forward part.
/// </summary>
public sealed class TokenPruning
{
    private readonly SortedDictionary<int, double> _fractions;

    /// <param name="fractions">By layer, counted from 0: the share that leaves, over 0 and under 1.</param>
    /// <exception cref="ArgumentException">A layer is negative, or a share is not between 0 and 1.</exception>
    public TokenPruning(IReadOnlyDictionary<int, double> fractions)
    {
        ArgumentNullException.ThrowIfNull(fractions);
        foreach (var (layer, fraction) in fractions)
            if (layer < 0 || fraction is not (> 0 and < 1))
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Expected layers from 0 and fractions between 0 and 1, got {layer}:{fraction}."
                    ),
                    nameof(fractions)
                );
        _fractions = new SortedDictionary<int, double>(fractions.ToDictionary());
    }

    /// <summary>No token leaves.</summary>
    public static TokenPruning None { get; } = new(new Dictionary<int, double>());

    public IReadOnlyDictionary<int, double> Fractions => _fractions;

    public bool IsNone => _fractions.Count == 0;

    /// <summary>Parses <c>11:.75</c>, <c>3:.3,6:.3</c> or <c>none</c>.</summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static TokenPruning Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text is "none") return None;
        var fractions = new Dictionary<int, double>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Split(':') is not [var first, var second]
                || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
                || !double.TryParse(second, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fraction)
                || fraction is not (> 0 and < 1)
                || !fractions.TryAdd(layer, fraction)
            )
                throw new FormatException(
                    $"Expected token pruning such as 'none', '11:.75' or '3:.3,6:.3' (layer from 0: fraction to drop), got '{text}'."
                );
        }
        return new TokenPruning(fractions);
    }

    /// <summary>How many of a layer's image tokens stay; at least one does.</summary>
    public int KeptAt(int layer, int imageTokens) => _fractions.TryGetValue(layer, out var fraction)
        ? Math.Max(1, imageTokens - Share(imageTokens, fraction))
        : imageTokens;

    /// <summary>How many tokens a share of them is, rounded down; what only rounding took from a whole number is given back.</summary>
    public static int Share(int tokens, double fraction) => (int)Math.Floor((tokens * fraction) + 1e-9);

    /// <exception cref="ModelException">A layer is named that the model does not have.</exception>
    public void RequireFits(VisionTransformerConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        foreach (var layer in _fractions.Keys)
            if (layer >= config.LayerCount)
                throw new ModelException($"Token pruning {this} names layer {layer}; the model has layers 0 to {config.LayerCount - 1}.");
    }

    public override string ToString() => IsNone
        ? "none"
        : string.Join(',', _fractions.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key}:{entry.Value}")));
}
