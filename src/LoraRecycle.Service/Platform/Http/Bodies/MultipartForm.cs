using LoraRecycle.Service.Platform.Http.Errors;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>Reads the parts of a <c>multipart/form-data</c> body one after the other, as they come.</summary>
internal static class MultipartForm
{
    private const int MaxBoundary = 70; // RFC 2046, section 5.1.1

    /// <param name="body">The body.</param>
    /// <param name="contentType">Its media type, which has the boundary.</param>
    /// <param name="readPart">Reads one part, given its headers.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ProblemException">The form breaks off or is framed wrongly.</exception>
    public static async Task ReadAsync(
        Stream body,
        MediaTypeHeaderValue contentType,
        Func<ContentDispositionHeaderValue, Stream, Task> readPart,
        CancellationToken cancellation
    )
    {
        var boundary = HeaderUtilities.RemoveQuotes(contentType.Boundary);
        if (boundary.Length is 0 or > MaxBoundary)
            throw new ProblemException(
                Problems.MalformedMultipart,
                $"Expected a boundary of 1 to {MaxBoundary} characters in Content-Type; found {boundary.Length}."
            );

        var reader = new MultipartReader(boundary.ToString(), body, 64 << 10) { HeadersCountLimit = 16, HeadersLengthLimit = 8 << 10 };
        try
        {
            while (await reader.ReadNextSectionAsync(cancellation) is { } section)
                await readPart(Disposition(section), section.Body);
        }
        catch (Exception exception)
            when (exception is InvalidDataException || (exception is IOException && exception.GetType() == typeof(IOException)))
        {
            // Exactly IOException is how the reader says that the body ends within a part; what the connection throws derives from it.
            throw new ProblemException(
                Problems.MalformedMultipart,
                "Expected parts that begin and end with the boundary of Content-Type, with headers of at most 8 KiB; the form is "
                    + "truncated or badly framed."
            );
        }
    }

    /// <summary>The name of a part.</summary>
    public static string NameOf(ContentDispositionHeaderValue disposition) => Unescape(disposition.Name);

    /// <summary>What the client calls a part's file; empty where it does not say.</summary>
    public static string FileNameOf(ContentDispositionHeaderValue disposition) =>
        Unescape(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName);

    // What browsers escape in a name, and no more (HTML standard, "multipart/form-data encoding algorithm").
    private static string Unescape(Microsoft.Extensions.Primitives.StringSegment text) =>
        HeaderUtilities
            .UnescapeAsQuotedString(text)
            .ToString()
            .Replace("%22", "\"", StringComparison.Ordinal)
            .Replace("%0D", "\r", StringComparison.Ordinal)
            .Replace("%0A", "\n", StringComparison.Ordinal);

    private static ContentDispositionHeaderValue Disposition(MultipartSection section) =>
        ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
        && disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase)
            ? disposition
            : throw new ProblemException(
                Problems.MalformedMultipart,
                "Expected 'Content-Disposition: form-data; name=\"...\"' in every part; a part has none."
            );
}
