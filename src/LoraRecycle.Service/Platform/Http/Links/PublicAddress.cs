namespace LoraRecycle.Service.Platform.Http.Links;

/// <summary>Addresses of this service as the client of a request knows it, which may be through a proxy.</summary>
internal static class PublicAddress
{
    /// <param name="request">The request, after what trusted proxies said of it was taken over.</param>
    /// <param name="path">A path of this service, such as <c>/tasks/1</c>.</param>
    /// <returns>The path with the proxy's prefix; the whole address where the proxy told under which scheme or host it is
    /// reached.</returns>
    public static string AddressOf(this HttpRequest request, string path) =>
        $"{(request.HttpContext.Features.Get<ForwardedOrigin>() is null ? "" : $"{request.Scheme}://{request.Host.ToUriComponent()}")}"
            + $"{request.PathBase.ToUriComponent()}{path}";
}

/// <summary>Marks a request whose scheme or host is the one that a trusted proxy told.</summary>
internal sealed record ForwardedOrigin;
