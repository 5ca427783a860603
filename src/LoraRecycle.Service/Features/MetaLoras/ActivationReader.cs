using System.Text.Json;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>Reads the small body that names a meta-LoRA, as strictly as an episode is read.</summary>
internal static class ActivationReader
{
    private const int MaxBytes = 4096;
    private const string Id = "id";

    /// <exception cref="ProblemException">The body is no such object.</exception>
    public static Task<string> ReadIdAsync(HttpRequest request, CancellationToken cancellation) =>
        JsonBodyReader.ReadAsync(request, MaxBytes, ReadId, cancellation);

    private static string ReadId(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw new ProblemException(Problems.WrongType, "Expected an object with id; found something else.");
        foreach (var member in body.EnumerateObject())
            if (member.Name != Id)
                throw new ProblemException(
                    Problems.UnknownField,
                    "Expected id (names are case-sensitive); found another field.",
                    member.Name.Length <= 64 ? member.Name : member.Name[..64] + "..."
                );
        return body.TryGetProperty(Id, out var id) && id.ValueKind == JsonValueKind.String
            ? id.GetString()!
            : throw new ProblemException(
                Problems.WrongType,
                "Expected the id of a meta-LoRA, or \"none\", as a string; found none, or something else.",
                Id
            );
    }
}
