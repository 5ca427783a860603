namespace LoraRecycle.Service.Platform.Http.Errors;

internal static class ErrorsRegistration
{
    /// <summary>Every answer that is an error is problem details with a <c>code</c> and the request's id.</summary>
    public static IServiceCollection AddErrors(this IServiceCollection services) => services
        .AddExceptionHandler<ProblemExceptionHandler>()
        .AddSingleton<IProblemDetailsWriter, ProblemWriter>() // before ASP.NET's own
        .AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            var details = context.ProblemDetails;
            details.Extensions["requestId"] = context.HttpContext.TraceIdentifier;
            details.Extensions.Remove("traceId"); // one id is enough, and it is the one in the log and in the header
            // What routing refused by itself has no code yet.
            if (!details.Extensions.ContainsKey("code") && Problems.All.FirstOrDefault(kind => kind.Status == details.Status) is { } kind)
            {
                details.Type = kind.Type;
                details.Title = kind.Title;
                details.Extensions["code"] = kind.Code;
                details.Detail ??= DetailOf(kind, context.HttpContext.Response);
            }
        });

    private static string? DetailOf(ProblemKind kind, HttpResponse response) =>
        kind == Problems.NotFound ? "Expected a path of this service; /swagger lists them."
        : kind == Problems.MethodNotAllowed ? $"Expected one of {response.Headers.Allow} for this path; found another method."
        : kind == Problems.PreconditionFailed ? "Expected what If-Match or If-Unmodified-Since names; found another version. Get it again."
        : null;

    public static IApplicationBuilder UseErrors(this IApplicationBuilder app) => app.UseExceptionHandler().UseStatusCodePages();
}
