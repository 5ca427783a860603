using System.Buffers;

namespace LoraRecycle.Service.Platform.Observability.Logging;

/// <summary>The id of a request: the client's, when it is fit for a log and a header, else a new one. Its answer carries it.</summary>
internal static class RequestId
{
    private const string Header = "X-Request-Id";

    private const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    public static IApplicationBuilder UseRequestIds(this IApplicationBuilder app)
    {
        var logger = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(RequestId));
        return app.Use(async (context, next) =>
        {
            var id = context.TraceIdentifier = For(context.Request);
            // When the response starts, because an error clears the headers that were set before it.
            context.Response.OnStarting(() =>
            {
                context.Response.Headers[Header] = id;
                return Task.CompletedTask;
            });
            // The framework's own scope has the id that was before.
            using (logger.BeginScope(new KeyValuePair<string, object>[] { new("RequestId", id) }))
                await next(context);
        });
    }

    private static string For(HttpRequest request) =>
        request.Headers[Header] is [{ Length: > 0 and <= MaxLength } id] && !id.AsSpan().ContainsAnyExcept(Allowed)
            ? id
            : Guid.CreateVersion7().ToString("N");
}
