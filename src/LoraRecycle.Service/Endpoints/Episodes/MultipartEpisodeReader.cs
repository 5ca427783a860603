using System.Text;
using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.Errors;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Endpoints.Episodes;

/// <summary>Reads an episode from a <c>multipart/form-data</c> body: file parts <c>support[label]</c> and <c>query</c>, the field <c>metaLora</c>.</summary>
internal static class MultipartEpisodeReader
{
    private const int MaxBoundary = 70; // RFC 2046, section 5.1.1
    private const int MaxMetaLora = 1024;

    public static async Task<Episode> ReadAsync(Stream body, MediaTypeHeaderValue contentType, LimitsOptions limits, CancellationToken cancellation)
    {
        var boundary = HeaderUtilities.RemoveQuotes(contentType.Boundary);
        if (boundary.Length is 0 or > MaxBoundary)
            throw new ProblemException(Problems.MalformedMultipart, $"Expected a boundary of 1 to {MaxBoundary} characters in Content-Type; {boundary.Length} came.");

        var reader = new MultipartReader(boundary.ToString(), body, 64 << 10) { HeadersCountLimit = 16, HeadersLengthLimit = 8 << 10 };
        var form = new MultipartEpisode(limits);
        try
        {
            while (await reader.ReadNextSectionAsync(cancellation) is { } section)
                await ReadPartAsync(section, form, limits, cancellation);
        }
        catch (Exception exception) when (exception is InvalidDataException || (exception is IOException && exception.GetType() == typeof(IOException)))
        {
            // Exactly IOException is how the reader says that the body ends within a part; what the connection throws derives from it.
            throw new ProblemException(Problems.MalformedMultipart, "Expected parts that begin and end with the boundary of Content-Type, with headers of at most 8 KiB; the form breaks off or is framed wrongly.");
        }
        return form.Build();
    }

    private static async Task ReadPartAsync(MultipartSection section, MultipartEpisode form, LimitsOptions limits, CancellationToken cancellation)
    {
        var name = PartName(section);
        if (name == "metaLora")
            form.MetaLora(Encoding.UTF8.GetString(await PartContent.ReadAsync(section.Body, MaxMetaLora, cancellation)
                ?? throw new ProblemException(Problems.UnknownMetaLora, $"Expected an id of at most {MaxMetaLora} bytes; more came.", "metaLora")));
        else
        {
            var field = form.Expect(name);
            form.Add(name, await PartContent.ReadAsync(section.Body, limits.ImageBytes, cancellation)
                ?? throw EpisodeBuilder.ImageFileTooLarge(limits, field));
        }
    }

    private static string PartName(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(Problems.MalformedMultipart, "Expected 'Content-Disposition: form-data; name=\"...\"' in every part; one has none.");
        var name = HeaderUtilities.UnescapeAsQuotedString(disposition.Name);
        // What browsers escape in a name, and no more (HTML standard, "multipart/form-data encoding algorithm").
        return name.ToString().Replace("%22", "\"", StringComparison.Ordinal).Replace("%0D", "\r", StringComparison.Ordinal).Replace("%0A", "\n", StringComparison.Ordinal);
    }
}
