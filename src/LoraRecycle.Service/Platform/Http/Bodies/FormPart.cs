using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>What a part of a form is called.</summary>
/// <param name="Name">The field.</param>
/// <param name="FileName">What the client calls the file; empty where it does not say.</param>
/// <param name="IsNameless">Whether it says that the file has an empty name: so a page sends a choice of files that nobody made.</param>
internal sealed partial record FormPart(string Name, string FileName, bool IsNameless)
{
    /// <summary>The name without the index that PHP, axios and others add to one that comes several times: of <c>file[]</c> and
    /// <c>file[0]</c>, <c>file</c>.</summary>
    public string Unindexed => Index().Replace(Name, "");

    /// <returns>Null when it is not how a part of a form is introduced.</returns>
    public static FormPart? TryParse(string? disposition) =>
        ContentDispositionHeaderValue.TryParse(EscapeBareBackslashes(disposition ?? ""), out var parsed)
        && parsed.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase)
            ? new FormPart(
                Extended(parsed, "name*") ?? Unescape(parsed.Name),
                Extended(parsed, "filename*") ?? Unescape(parsed.FileName),
                NameValueHeaderValue.Find(parsed.Parameters, "filename") is { } file && HeaderUtilities.RemoveQuotes(file.Value).Length == 0
            )
            : null;

    /// <summary>
    /// Browsers and curl send a backslash as it is, while the parser takes what follows any of them for escaped. Only <c>\\</c> and
    /// <c>\"</c> are escapes here; a quote that no other follows ends the value, whatever is before it.
    /// </summary>
    private static string EscapeBareBackslashes(string disposition)
    {
        var last = disposition.LastIndexOf('"');
        return Backslash().Replace(disposition, match => match.Value switch
        {
            @"\\" => match.Value,
            "\\\"" when match.Index + 1 < last => match.Value,
            var bare => $@"\\{bare[1..]}",
        });
    }

    /// <summary>A parameter in the form of RFC 5987, <c>UTF-8''caf%C3%A9</c>; null where there is none that can be read.</summary>
    private static string? Extended(ContentDispositionHeaderValue disposition, string parameter)
    {
        if (NameValueHeaderValue.Find(disposition.Parameters, parameter) is not { } found)
            return null;
        // The framework decodes this form for the names of files alone.
        var asFileName = new ContentDispositionHeaderValue(disposition.DispositionType);
        asFileName.Parameters.Add(new NameValueHeaderValue("filename*", HeaderUtilities.RemoveQuotes(found.Value)));
        return asFileName.FileNameStar.Value;
    }

    // What browsers escape in a name, and no more (HTML standard, "multipart/form-data encoding algorithm").
    private static string Unescape(StringSegment text) =>
        HeaderUtilities
            .UnescapeAsQuotedString(text)
            .ToString()
            .Replace("%22", "\"", StringComparison.Ordinal)
            .Replace("%0D", "\r", StringComparison.Ordinal)
            .Replace("%0A", "\n", StringComparison.Ordinal);

    [GeneratedRegex("""\\[\\"]?""")]
    private static partial Regex Backslash();

    [GeneratedRegex(@"\[[0-9]*\]\z")]
    private static partial Regex Index();
}
