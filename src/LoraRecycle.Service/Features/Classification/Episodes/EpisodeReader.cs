using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>Reads the images of a request and what it says of them, in whichever of the accepted forms it comes.</summary>
internal sealed class EpisodeReader(IOptions<LimitsOptions> limits)
{
    public async Task<RequestedEpisode> ReadAsync(HttpRequest request) => (await ReadAsync(request, RequestMembers.Episode)).Build();

    /// <summary>Reads what a request has of an episode; then the request takes its place among those that are answered at once.</summary>
    /// <exception cref="ProblemException">It has something else, or breaks a limit, or there is no place.</exception>
    public async Task<EpisodeBuilder> ReadAsync(HttpRequest request, RequestMembers members)
    {
        var episode = await ReadBodyAsync(request, members);
        request.TakePlace();
        return episode;
    }

    private async Task<EpisodeBuilder> ReadBodyAsync(HttpRequest request, RequestMembers members)
    {
        var cancellation = request.HttpContext.RequestAborted;
        CompressedBody.RequireKnownEncoding(request);
        if (!BodyType.TryParse(request, out var contentType))
            throw UnsupportedContentType();
        if (contentType.IsForm())
            return await MultipartEpisodeReader.ReadAsync(request.Body, contentType, members, limits.Value, cancellation);
        if (contentType.IsJson())
            return await JsonEpisodeReader.ReadAsync(request.BodyReader, members, limits.Value, cancellation);
        throw UnsupportedContentType();
    }

    private static ProblemException UnsupportedContentType() =>
        new(
            Problems.UnsupportedContentType,
            "Expected application/json in UTF-8, or multipart/form-data; found another type, or none.",
            "Content-Type"
        );
}
