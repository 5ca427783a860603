using System.Text.Json;
using LoraRecycle.Service.Errors;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.MetaLoras;

/// <summary>Reads the small body that names a meta-LoRA, as strictly as an episode is read.</summary>
internal static class ActivationReader
{
    private const int MaxBytes = 4096;
    private const string Id = "id";

    /// <exception cref="ProblemException">The body is no such object.</exception>
    public static async Task<string> ReadIdAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MatchesMediaType("application/json"))
            throw new ProblemException(Problems.UnsupportedContentType, "Expected application/json; another type came, or none.", "Content-Type");
        var result = await request.BodyReader.ReadAtLeastAsync(MaxBytes + 1, cancellation);
        try
        {
            if (result.Buffer.Length > MaxBytes)
                throw new ProblemException(Problems.BodyTooLarge, $"Expected at most {MaxBytes} bytes; more came.");
            using var document = JsonDocument.Parse(result.Buffer, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            return ReadId(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new ProblemException(Problems.MalformedJson, $"Expected JSON in UTF-8; it breaks at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
        }
        finally
        {
            // Also when it is refused, or the server could not skip the rest of the body and keep the connection.
            request.BodyReader.AdvanceTo(result.Buffer.End);
        }
    }

    private static string ReadId(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw new ProblemException(Problems.WrongType, "Expected an object with id; came something else.");
        foreach (var member in body.EnumerateObject())
            if (member.Name != Id)
                throw new ProblemException(Problems.UnknownField, "Expected id (case matters); another field came.", member.Name.Length <= 64 ? member.Name : member.Name[..64] + "...");
        return body.TryGetProperty(Id, out var id) && id.ValueKind == JsonValueKind.String
            ? id.GetString()!
            : throw new ProblemException(Problems.WrongType, "Expected the id of a meta-LoRA, or \"none\", as a string; none came, or something else.", Id);
    }
}
