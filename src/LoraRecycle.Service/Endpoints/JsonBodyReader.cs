using System.Text.Json;
using LoraRecycle.Service.Errors;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Endpoints;

/// <summary>Reads a small JSON body, as strictly as an episode is read.</summary>
internal static class JsonBodyReader
{
    private const int MaxDepth = 8;

    /// <param name="request">The request.</param>
    /// <param name="maxBytes">Most bytes of the body.</param>
    /// <param name="read">Makes something of it; what it keeps must not be the element itself.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ProblemException">The body is not JSON, or too large.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, int maxBytes, Func<JsonElement, T> read, CancellationToken cancellation)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MatchesMediaType("application/json"))
            throw new ProblemException(Problems.UnsupportedContentType, "Expected application/json; another type came, or none.", "Content-Type");
        var result = await request.BodyReader.ReadAtLeastAsync(maxBytes + 1, cancellation);
        try
        {
            if (result.Buffer.Length > maxBytes)
                throw new ProblemException(Problems.BodyTooLarge, $"Expected at most {maxBytes} bytes; more came.");
            using var document = Parse(result.Buffer);
            return read(document.RootElement);
        }
        finally
        {
            // Also when it is refused, or the server could not skip the rest of the body and keep the connection.
            request.BodyReader.AdvanceTo(result.Buffer.End);
        }
    }

    private static JsonDocument Parse(System.Buffers.ReadOnlySequence<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw new ProblemException(Problems.MalformedJson, $"Expected JSON in UTF-8; it breaks at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
        }
    }
}
