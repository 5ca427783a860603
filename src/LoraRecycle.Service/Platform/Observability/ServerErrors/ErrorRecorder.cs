using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoraRecycle.Service.Platform.Observability.ServerErrors;

/// <summary>
/// Takes what is logged as an error, whatever the settings of the log let through. Of an exception only the type is kept:
/// what it says may name files or addresses that whoever may look here should not learn.
/// </summary>
internal sealed class ErrorRecorder(ErrorRing ring, IHttpContextAccessor accessor) : ILoggerProvider, ILogger
{
    // Who asks whether the server is ready is answered so; every "not yet" of a start would push out what went wrong.
    private const string HealthChecks = "Microsoft.Extensions.Diagnostics.HealthChecks";

    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith(HealthChecks, StringComparison.Ordinal) ? NullLogger.Instance : this;

    public bool IsEnabled(LogLevel logLevel) => logLevel is LogLevel.Error or LogLevel.Critical;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (!IsEnabled(logLevel))
            return;
        var context = accessor.HttpContext;
        ring.Add(formatter(state, null), exception?.GetType().Name, context is null ? null : RequestOf(context), context?.TraceIdentifier);
    }

    public void Dispose() { }

    private static string RequestOf(HttpContext context)
    {
        // A request that ended with a problem has lost its endpoint to the handler of exceptions.
        var endpoint = context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        return (endpoint as RouteEndpoint)?.RoutePattern.RawText is { } route
            ? $"{context.Request.Method} {(route.Length > 1 ? route.TrimEnd('/') : route)}" // the root of a group ends with one
            : context.Request.Method;
    }
}
