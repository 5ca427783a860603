namespace LoraRecycle.Service.Features.Page;

/// <summary>
/// The page at <c>/</c>, for people who would rather look than read; its files are below <c>/page</c>. Nobody needs a key
/// for them: the page asks for one when the service does.
/// </summary>
internal static class PageEndpoints
{
    private const string Index = "index.html";

    // Nothing but what the page brings with it: no inline script, no inline style. blob: are pictures that somebody chose.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'";

    // Fetched together, rather than each when another one that imports it has come.
    private static readonly string Modules = string.Join(
        ", ",
        PageFiles
            .All.Where(file => file.Path.EndsWith(".js", StringComparison.Ordinal))
            .Select(file => $"<page/{file.Path}>; rel=modulepreload")
    );

    public static IEndpointRouteBuilder MapPage(this IEndpointRouteBuilder app)
    {
        foreach (var file in PageFiles.All)
            app.MapGet(
                    file.Path == Index ? "/" : $"/page/{file.Path}",
                    file.Path == Index ? context => ServeIndexAsync(file, context) : context => ServeAsync(file, context)
                )
                .AllowAnonymous()
                .DisableRateLimiting()
                .ExcludeFromDescription();
        return app;
    }

    private static Task ServeIndexAsync(PageFile file, HttpContext context)
    {
        context.Response.Headers.Link = Modules;
        return ServeAsync(file, context);
    }

    // A plain delegate: one that is made of parameters costs milliseconds at the start, for each of many files.
    internal static Task ServeAsync(PageFile file, HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.CacheControl = "no-cache"; // asked again each time, and answered 304 while it is the same
        return TypedResults.Bytes(file.Content, file.ContentType, entityTag: file.Tag).ExecuteAsync(context);
    }
}
