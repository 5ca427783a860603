namespace LoraRecycle.Service.Logging;

/// <summary>Gives every request an id, returns it as <c>X-Request-Id</c>, and writes one structured line when the request ends.</summary>
internal sealed partial class RequestLogging(RequestDelegate next, ILogger<RequestLogging> logger, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var started = time.GetTimestamp();
        var id = RequestId.For(context.Request);
        var facts = new RequestFacts();
        context.TraceIdentifier = id;
        context.Features.Set(facts);
        // When the response starts, because an error clears the headers that were set before it.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[RequestId.Header] = id;
            return Task.CompletedTask;
        });

        using var scope = logger.BeginScope(new KeyValuePair<string, object>[] { new("RequestId", id) });
        await next(context);

        var status = context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted
            ? StatusCodes.Status499ClientClosedRequest
            : context.Response.StatusCode;
        // The path as it goes on the wire, so that no encoded line break reaches the log.
        LogRequest(logger, context.Request.Method, context.Request.Path.ToUriComponent(), status,
            time.GetElapsedTime(started).TotalMilliseconds, id, facts.Images, facts.CacheHits);
    }

    [LoggerMessage(1, LogLevel.Information, "{Method} {Path} answered {Status} in {ElapsedMs:0.0} ms, {Images} images, {CacheHits} cached, request {RequestId}")]
    private static partial void LogRequest(
        ILogger logger, string method, string path, int status, double elapsedMs, string requestId, int images, int cacheHits);
}
