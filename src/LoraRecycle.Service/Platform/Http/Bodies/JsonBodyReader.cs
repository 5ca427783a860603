using System.Text.Json;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>Reads a JSON body of bounded size as a whole; whatever is wrong with it is a problem of the request.</summary>
internal static class JsonBodyReader
{
    private const int MaxDepth = 8;

    /// <param name="request">Whose body it is.</param>
    /// <param name="maxBytes">Most bytes of it, decompressed.</param>
    /// <param name="read">Makes something of it; what it keeps must not be the element itself.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ProblemException">The body is no such JSON.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, int maxBytes, Func<JsonElement, T> read, CancellationToken cancellation)
    {
        CompressedBody.RequireKnownEncoding(request);
        if (!BodyType.TryParse(request, out var type) || !type.IsJson())
            throw new ProblemException(
                Problems.UnsupportedContentType,
                "Expected application/json in UTF-8; found another type, or none.",
                "Content-Type"
            );
        try
        {
            await JsonText.SkipByteOrderMarkAsync(request.BodyReader, cancellation);
            var result = await request.BodyReader.ReadAtLeastAsync(maxBytes + 1, cancellation);
            try
            {
                if (result.Buffer.Length > maxBytes)
                    throw new ProblemException(Problems.BodyTooLarge, $"Expected at most {maxBytes} bytes; found more.");
                using var document = JsonDocument.Parse(
                    result.Buffer,
                    new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false }
                );
                return read(document.RootElement);
            }
            finally
            {
                // Also when it is refused, or the server could not skip the rest of the body and keep the connection.
                request.BodyReader.AdvanceTo(result.Buffer.End);
            }
        }
        catch (JsonException exception)
        {
            throw new ProblemException(Problems.MalformedJson, exception.LineNumber is { } line
                ? $"Expected JSON in UTF-8; the syntax breaks at line {line + 1}, byte {exception.BytePositionInLine + 1}."
                : "Expected JSON in UTF-8, with each name once in its object; a name occurs twice.");
        }
        catch (Exception exception) when (JsonText.IsNoText(exception))
        {
            throw JsonText.NoText();
        }
    }
}
