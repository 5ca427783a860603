using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Http.Errors;

/// <summary>
/// Writes a problem whatever the request accepts. ASP.NET's own writer falls back to plain text for clients that do not ask
/// for JSON, a browser among them, and such an answer has no code.
/// </summary>
internal sealed class ProblemWriter(IOptions<ProblemDetailsOptions> options, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
    : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (response, details) = (context.HttpContext.Response, context.ProblemDetails);
        details.Status ??= response.StatusCode;
        details.Title ??= ReasonPhrases.GetReasonPhrase(details.Status.Value);
        options.Value.CustomizeProblemDetails?.Invoke(context);
        // Not stopped by a client that hangs up: writing to nobody is no failure, and being cancelled here would be logged as one.
        await response.WriteAsJsonAsync(
            details,
            json.Value.SerializerOptions.GetTypeInfo(typeof(ProblemDetails)),
            "application/problem+json",
            CancellationToken.None
        );
    }
}
