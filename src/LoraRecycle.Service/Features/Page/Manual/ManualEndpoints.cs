namespace LoraRecycle.Service.Features.Page.Manual;

/// <summary>
/// The README and the documents, as pages that can be read where there is no network. They lie below <c>/manual</c> as they
/// do in the sources, so that what they say of each other holds. Nobody needs a key for them: they are the same everywhere.
/// </summary>
internal static class ManualEndpoints
{
    public static IEndpointRouteBuilder MapManual(this IEndpointRouteBuilder app)
    {
        Public(app.MapGet("/manual", context => TypedResults.Redirect($"manual/{ManualPages.First}").ExecuteAsync(context)));
        foreach (var file in ManualPages.Files)
        {
            // Made when somebody first reads it, not at the start.
            var page = new Lazy<PageFile>(() => ManualPages.Render(file));
            Public(app.MapGet($"/manual/{file.Path}", context => PageEndpoints.ServeAsync(page.Value, context)));
        }
        return app;
    }

    private static void Public(IEndpointConventionBuilder endpoint) =>
        endpoint.AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
}
