using System.IO.Pipelines;
using System.Text;
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
    /// <param name="readPart">Reads one part, given what it is called.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ProblemException">The form breaks off or is framed wrongly.</exception>
    public static async Task ReadAsync(
        Stream body,
        MediaTypeHeaderValue contentType,
        Func<FormPart, Stream, Task> readPart,
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
            {
                var part = PartOf(section);
                if (!part.IsNameless)
                    await readPart(part, section.Body);
                else if (await ContentOrNone(section.Body, cancellation) is { } content)
                    await readPart(part, content);
            }
            // What follows the last boundary means nothing; but whether the body is whole shows at its end alone.
            await body.CopyToAsync(Stream.Null, cancellation);
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

    /// <summary>The same content, looked into without taking anything out of it; null where it is empty.</summary>
    private static async Task<Stream?> ContentOrNone(Stream content, CancellationToken cancellation)
    {
        var reader = PipeReader.Create(content);
        var start = await reader.ReadAtLeastAsync(1, cancellation);
        var isEmpty = start.Buffer.IsEmpty;
        reader.AdvanceTo(start.Buffer.Start);
        return isEmpty ? null : reader.AsStream();
    }

    private static FormPart PartOf(MultipartSection section)
    {
        var part =
            FormPart.TryParse(section.ContentDisposition)
            ?? throw new ProblemException(
                Problems.MalformedMultipart,
                "Expected 'Content-Disposition: form-data; name=\"...\"' in every part; a part has none."
            );
        // Different names in another encoding would become the same one.
        return !part.Name.Contains(char.ConvertFromUtf32(Rune.ReplacementChar.Value), StringComparison.Ordinal)
            ? part
            : throw new ProblemException(Problems.MalformedMultipart, "Expected the names of parts in UTF-8; one is in another encoding.");
    }
}
