using System.Globalization;
using System.Text;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>Which names may be shown beside others: those that show what they are, and leave what stands around them as it is.</summary>
internal static class ShownText
{
    /// <summary>Whether a text has no control characters, nothing that is no character, and nothing that turns the direction of what
    /// follows it.</summary>
    public static bool IsShown(string text) => text.EnumerateRunes().All(IsShown);

    private static bool IsShown(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate
            )
        && rune.Value is not ((>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069))
        && rune != Rune.ReplacementChar;
}
