using Serilog;
using Serilog.Events;

namespace LoraRecycle.Service.Platform.Observability.Logging;

/// <summary>One structured line for each request when it ends, with the id that its answer carries as <c>X-Request-Id</c>.</summary>
internal static class RequestLogging
{
    private const string Template =
        "{Method} {Path} answered {Status} in {ElapsedMs:0.0} ms, {Images} images, {CacheHits} cached, request {RequestId}";

    public static IApplicationBuilder UseRequestLogging(this IApplicationBuilder app)
    {
        var services = app.ApplicationServices;
        var line = services.GetRequiredService<IDiagnosticContext>();
        app.UseSerilogRequestLogging(options =>
        {
            options.Logger = services.GetRequiredService<Serilog.ILogger>();
            options.MessageTemplate = Template;
            options.GetLevel = (context, _, exception) => LevelOf(context, exception);
            options.GetMessageTemplateProperties = (context, _, elapsedMs, status) =>
            [
                Property("Method", context.Request.Method),
                // As it goes on the wire, so that no encoded line break reaches the log; without the query, which may be private.
                Property("Path", context.Request.Path.ToUriComponent()),
                Property("Status", HasHungUp(context) ? StatusCodes.Status499ClientClosedRequest : status),
                Property("ElapsedMs", elapsedMs),
                Property("RequestId", context.TraceIdentifier),
            ];
        });
        return app.UseRequestIds().Use((context, next) =>
        {
            line.SetImages(0, 0);
            return next(context);
        });
    }

    /// <summary>What an endpoint adds to its request's line.</summary>
    public static void SetImages(this IDiagnosticContext line, int images, int cacheHits)
    {
        line.Set("Images", images);
        line.Set("CacheHits", cacheHits);
    }

    /// <summary>What a client did wrong is no error of the server; and who only looks whether it is well is not worth a line.</summary>
    private static LogEventLevel LevelOf(HttpContext context, Exception? exception) =>
        context.Request.Path.StartsWithSegments("/healthz") || context.Request.Path.StartsWithSegments("/metrics") ? LogEventLevel.Debug
        : exception is not null || context.Response.StatusCode >= StatusCodes.Status500InternalServerError ? LogEventLevel.Error
        : LogEventLevel.Information;

    private static bool HasHungUp(HttpContext context) => context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted;

    private static LogEventProperty Property(string name, object value) => new(name, new ScalarValue(value));
}
