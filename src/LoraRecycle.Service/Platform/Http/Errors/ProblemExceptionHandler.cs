using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace LoraRecycle.Service.Platform.Http.Errors;

/// <summary>Turns whatever ended a request into problem details. What is not a <see cref="ProblemException"/> shows no message of its
/// own.</summary>
internal sealed partial class ProblemExceptionHandler(
    IEnumerable<ExceptionTranslation> translations,
    ILogger<ProblemExceptionHandler> logger
) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        // A client that is gone. Its connection may be seen to be reset before the request is told that it is aborted.
        if (exception is ConnectionResetException or ConnectionAbortedException)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            context.Abort(); // or the web server would look for the rest of the body, in vain, and log that as an error
            return true;
        }
        var problem = exception as ProblemException ?? Translate(exception);
        if (problem.Kind.IsFault)
            LogFailure(logger, problem.InnerException ?? exception, problem.Kind.Code);
        if (problem.Kind.Status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "1";
        if (problem.Kind == Problems.UnsupportedContentEncoding)
            context.Response.Headers.AcceptEncoding = "gzip, br, deflate";
        foreach (var (name, value) in problem.Headers)
            context.Response.Headers[name] = value;

        var details = new ProblemDetails
        {
            Type = problem.Kind.Type,
            Title = problem.Kind.Title,
            Status = problem.Kind.Status,
            Detail = problem.Message,
            Extensions = { ["code"] = problem.Kind.Code },
        };
        if (problem.Field is not null)
            details.Extensions["field"] = problem.Field;
        await TypedResults.Problem(details).ExecuteAsync(context);
        return true;
    }

    private ProblemException Translate(Exception exception) =>
        exception switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new ProblemException(
                Problems.BodyTooLarge,
                "The body is larger than the server accepts, as sent or after decompression; send less."
            ),
            BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => new ProblemException(
                Problems.RequestTimeout,
                "The body stopped arriving before its end; send the request again."
            ),
            BadHttpRequestException => new ProblemException(
                Problems.MalformedRequest,
                "The body ended early or is badly framed; send the request again."
            ),
            _ => translations.Select(translation => translation(exception)).FirstOrDefault(problem => problem is not null)
                ?? new ProblemException(
                    Problems.InternalError,
                    "The server failed; the request is not at fault. See this request id in the server's log.",
                    cause: exception
                ),
        };

    [LoggerMessage(1, LogLevel.Error, "A request ended with {Code}")]
    private static partial void LogFailure(ILogger logger, Exception exception, string code);
}
