namespace LoraRecycle.Service.Platform.Web;

/// <summary>The scheme and host that a request came with, before anything is taken over of what proxies say of them.</summary>
internal sealed record SentOrigin(string Scheme, HostString Host)
{
    public static SentOrigin Of(HttpRequest request) => new(request.Scheme, request.Host);
}

internal static class SentOrigins
{
    /// <summary>First of all: whoever can send a request can say what a proxy would.</summary>
    public static IApplicationBuilder UseSentOrigin(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Features.Set(SentOrigin.Of(context.Request));
        return next(context);
    });
}
