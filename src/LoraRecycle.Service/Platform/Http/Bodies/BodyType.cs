using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>The media type of a body, as clients write it, which is not always as the standard does.</summary>
internal static partial class BodyType
{
    private static readonly int[] WithinUtf8 = [Encoding.UTF8.CodePage, Encoding.ASCII.CodePage];

    /// <returns>False when there is none, or it is no media type.</returns>
    public static bool TryParse(HttpRequest request, [NotNullWhen(true)] out MediaTypeHeaderValue? type) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out type)
        // A boundary with = or : needs quotes, which many clients leave out.
        || MediaTypeHeaderValue.TryParse(BareBoundary().Replace(request.ContentType ?? "", "$1\"$2\"", count: 1), out type);

    public static bool IsForm(this MediaTypeHeaderValue type) => type.MatchesMediaType("multipart/form-data");

    /// <summary>JSON in UTF-8, of which ASCII is a part.</summary>
    public static bool IsJson(this MediaTypeHeaderValue type) => type.MatchesMediaType("application/json") && IsWithinUtf8(type.Charset);

    private static bool IsWithinUtf8(Microsoft.Extensions.Primitives.StringSegment charset)
    {
        var name = charset.ToString().Trim('"', '\'').Replace('_', '-');
        if (name.Length == 0 || name.Equals("utf8", StringComparison.OrdinalIgnoreCase))
            return true;
        try
        {
            return WithinUtf8.Contains(Encoding.GetEncoding(name).CodePage);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return false; // no encoding that is known here
        }
    }

    [GeneratedRegex("""(;\s*boundary\s*=\s*)([^\s";][^";]*)(?<!\s)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BareBoundary();
}
