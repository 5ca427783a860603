using System.IO.Compression;
using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.Errors;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Endpoints.Episodes;

/// <summary>Reads the images of a request and what it says of them, in whichever of the accepted forms it comes.</summary>
internal sealed class EpisodeReader(IOptions<LimitsOptions> limits)
{
    public async Task<RequestedEpisode> ReadAsync(HttpRequest request) => (await ReadAsync(request, RequestMembers.Episode)).Build();

    /// <summary>Reads what a request has of an episode.</summary>
    /// <exception cref="ProblemException">It has something else, or breaks a limit.</exception>
    public async Task<EpisodeBuilder> ReadAsync(HttpRequest request, RequestMembers members)
    {
        var cancellation = request.HttpContext.RequestAborted;
        // What the decompression knows it has removed from the header.
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && encoding != "identity")
            throw new ProblemException(Problems.UnsupportedContentEncoding, "Expected no Content-Encoding, or one of gzip, br, deflate; another came.", "Content-Encoding");
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var contentType))
            throw UnsupportedContentType();
        try
        {
            if (contentType.MatchesMediaType("multipart/form-data"))
                return await MultipartEpisodeReader.ReadAsync(request.Body, contentType, members, limits.Value, cancellation);
            if (contentType.MatchesMediaType("application/json") && (!contentType.Charset.HasValue || contentType.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
                return await JsonEpisodeReader.ReadAsync(request.BodyReader, members, limits.Value, cancellation);
        }
        catch (Exception exception) when (IsDecompression(exception))
        {
            throw new ProblemException(Problems.MalformedCompression, "Expected a body compressed as its Content-Encoding says; it is not, or breaks off.");
        }
        throw UnsupportedContentType();
    }

    /// <summary>Whether a body turned out not to be compressed as it says.</summary>
    internal static bool IsDecompression(Exception exception) => exception is InvalidDataException
        || (exception is InvalidOperationException && exception.Source == typeof(BrotliStream).Assembly.GetName().Name); // Brotli's way to say the same

    private static ProblemException UnsupportedContentType() => new(
        Problems.UnsupportedContentType, "Expected application/json in UTF-8, or multipart/form-data; another type came, or none.", "Content-Type");
}
