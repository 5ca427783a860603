using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Http.Limits;

/// <summary>Marks endpoints that keep the whole body in memory.</summary>
internal sealed class BodyInMemory;

/// <summary>What a body may take of time and of memory while it comes.</summary>
internal static class BodyBounds
{
    /// <summary>The bodies of these endpoints are counted while they are in memory.</summary>
    public static TBuilder KeepBodyInMemory<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new BodyInMemory());

    /// <summary>Takes one of the places for requests that are answered at once, until the request ends. To be called when the body is
    /// in.</summary>
    public static void TakePlace(this HttpRequest request) =>
        request.HttpContext.RequestServices.GetRequiredService<RequestPlaces>().Take(request.HttpContext);

    /// <summary>After decompression: what is counted is what is kept.</summary>
    public static IApplicationBuilder UseBodyBounds(this IApplicationBuilder app)
    {
        var time = app.ApplicationServices.GetRequiredService<IOptions<LimitsOptions>>().Value.BodyTime;
        var (clock, places) = (
            app.ApplicationServices.GetRequiredService<TimeProvider>(), app.ApplicationServices.GetRequiredService<RequestPlaces>()
        );
        return app.Use(async (context, next) =>
        {
            if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            {
                await next(context);
                return;
            }
            var keeps = context.GetEndpoint()?.Metadata.GetMetadata<BodyInMemory>() is not null;
            long held = 0;
            using var deadline = new CancellationTokenSource(time, clock);
            await using var body = new BoundedBody(context.Request.Body, keeps ? Hold : null, deadline.Token);
            context.Request.Body = body;
            try
            {
                await next(context);
            }
            finally
            {
                places.Release(context, held);
            }

            void Hold(int bytes)
            {
                places.Hold(context, bytes);
                held += bytes;
            }
        });
    }
}
