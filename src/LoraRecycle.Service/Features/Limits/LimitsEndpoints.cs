using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Limits;
using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Limits;

/// <summary>What a client may send, so that it can tell before it sends more.</summary>
internal static class LimitsEndpoints
{
    public static IServiceCollection AddLimitsAnswer(this IServiceCollection services) => services.AddJson(LimitsJson.Default);

    public static IEndpointRouteBuilder MapLimits(this IEndpointRouteBuilder app)
    {
        app.MapGet("/limits", Get)
            .RequireScope(ApiScopes.Classify)
            .WithName("GetLimits")
            .WithTags("Classification")
            .WithSummary("Gets the limits of one request");
        return app;
    }

    private static Ok<LimitsResponse> Get(IOptions<LimitsOptions> options) =>
        TypedResults.Ok(
            new LimitsResponse(
                options.Value.RequestBytes,
                options.Value.ImageBytes,
                options.Value.PixelsPerImage,
                options.Value.ImagesPerRequest,
                options.Value.Ways,
                options.Value.LabelLength
            )
        );
}

/// <summary>The limits of one request.</summary>
/// <param name="RequestBytes">Bytes of the body, both as sent and after decompression.</param>
/// <param name="ImageBytes">Bytes of one encoded image.</param>
/// <param name="PixelsPerImage">Pixels of one image.</param>
/// <param name="ImagesPerRequest">Number of images, support and queries together.</param>
/// <param name="Ways">Number of classes.</param>
/// <param name="LabelLength">Characters of a label.</param>
public sealed record LimitsResponse(
    long RequestBytes,
    long ImageBytes,
    long PixelsPerImage,
    int ImagesPerRequest,
    int Ways,
    int LabelLength
);
