namespace LoraRecycle.Service.Page;

/// <summary>
/// The page at <c>/</c>, for people who would rather look than read; its files are below <c>/page</c>. Nobody needs a key
/// for them: the page asks for one when the service does.
/// </summary>
internal static class PageEndpoints
{
    private const string Index = "index.html";

    // Nothing but what the page brings with it: no inline script, no inline style. blob: are pictures that somebody chose.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static IEndpointRouteBuilder MapPage(this IEndpointRouteBuilder app)
    {
        foreach (var file in PageFiles.All)
            app.MapGet(file.Path == Index ? "/" : $"/page/{file.Path}", context => ServeAsync(file, context))
                .AllowAnonymous()
                .DisableRateLimiting()
                .ExcludeFromDescription();
        return app;
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
