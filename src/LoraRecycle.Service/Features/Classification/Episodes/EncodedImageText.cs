using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>The text forms of an image in JSON: base64, bare or in a <c>data:</c> URI (RFC 2397). Any other URI is refused, never
/// fetched.</summary>
internal static class EncodedImageText
{
    /// <summary>A data URI's media type and parameters, or a URL's scheme, end within so many bytes.</summary>
    public const int MaxPrefix = 256;

    /// <summary>Decodes the string that the reader is at, without making a <see cref="string"/> of it.</summary>
    public static byte[] Decode(ref Utf8JsonReader reader, string field)
    {
        var length = reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            return Decode(rented.AsSpan(0, reader.CopyString(rented)), field);
        }
        catch (InvalidOperationException)
        {
            throw Invalid("text that is not UTF-8", field); // nor is it base64
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Decodes in place; what <paramref name="text"/> held is lost.</summary>
    private static byte[] Decode(Span<byte> text, string field)
    {
        // Base64 passes over white space, and so do URLs at their ends.
        text = text[Ascii.Trim(text)];
        if (IsUri(text))
            text = SkipDataPrefix(text, field);
        if (HasSpacesForPluses(text))
            throw Invalid("spaces where '+' should be, as when it is sent in a URL or a form without being encoded for it", field);
        if (Base64.DecodeFromUtf8InPlace(text, out var written) != OperationStatus.Done)
            throw Invalid($"{text.Length} characters that are not", field);
        return text[..written].ToArray();
    }

    /// <summary>Whether every '+' became a space, as it does in a URL: with four of them gone the rest still decodes, to another file.
    /// Lines that were joined by spaces are of one length, a multiple of four, but for the last.</summary>
    private static bool HasSpacesForPluses(ReadOnlySpan<byte> text)
    {
        var line = text.IndexOf((byte)' ');
        if (line < 0 || text.Contains((byte)'+'))
            return false;
        var rest = text;
        for (var space = line; space >= 0; space = rest.IndexOf((byte)' '))
        {
            // What is indented, or has line breaks besides, is laid out by someone.
            if (space == 0 || space + 1 == rest.Length || rest[..space].IndexOfAny("\r\n\t"u8) >= 0 || rest[space + 1] == (byte)' ')
                return false;
            if (space != line || line % 4 != 0)
                return true;
            rest = rest[(space + 1)..];
        }
        return rest.Length > line;
    }

    /// <summary>Base64 has no colon, so one near the start ends the scheme of a URI; a single letter before it is a drive of
    /// Windows.</summary>
    private static bool IsUri(ReadOnlySpan<byte> text) => text[..Math.Min(text.Length, MaxPrefix)].IndexOf((byte)':') > 1;

    private static Span<byte> SkipDataPrefix(Span<byte> text, string field)
    {
        if (!(text.Length >= 5 && Ascii.EqualsIgnoreCase(text[..5], "data:"u8)))
            throw new ProblemException(
                Problems.RemoteImage,
                "Expected the image itself, as base64 or a data: URI; found another URI. This service never fetches anything: send the "
                    + "content of the file.",
                field
            );
        var comma = text[..Math.Min(text.Length, MaxPrefix)].IndexOf((byte)',');
        if (comma < 7 || !Ascii.EqualsIgnoreCase(text[(comma - 7)..comma], ";base64"u8))
            throw Invalid("a data: URI without ';base64,' after its media type", field);
        return text[(comma + 1)..];
    }

    private static ProblemException Invalid(string came, string field) =>
        new(
            Problems.InvalidBase64,
            $"Expected base64 of the image file (alphabet A-Z a-z 0-9 + /, padded with =), bare or in a data: URI; found {came}.",
            field
        );
}
