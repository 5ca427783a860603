using System.Globalization;
using System.Text;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>Which names may be shown beside others: those that show what they are, and leave what stands around them as it is.</summary>
internal static class ShownText
{
    /// <summary>Whether a text has no control characters, nothing that is no character, and nothing that turns the direction of what
    /// follows it.</summary>
    public static bool IsShown(string text) => FirstHidden(text) is null;

    /// <returns>The first code point that may not be shown, such as <c>U+202E</c>; null when there is none.</returns>
    public static string? FirstHidden(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            if (!IsShown(rune))
                return string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");
        return null;
    }

    // What is not assigned is shown as well: it will be, as emoji are each year.
    private static bool IsShown(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
        && rune.Value is not ((>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or (>= 0xFDD0 and <= 0xFDEF))
        && (rune.Value & 0xFFFE) != 0xFFFE
        && rune != Rune.ReplacementChar;
}
