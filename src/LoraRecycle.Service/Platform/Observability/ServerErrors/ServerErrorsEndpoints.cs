using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LoraRecycle.Service.Platform.Observability.ServerErrors;

/// <summary>What went wrong lately, for whoever looks after the server and does not read its log.</summary>
internal static class ServerErrorsEndpoints
{
    public static IServiceCollection AddServerErrors(this IServiceCollection services) => services
        .AddHttpContextAccessor()
        .AddJson(ServerErrorsJson.Default)
        .AddSingleton<ErrorRing>()
        .AddSingleton<ILoggerProvider, ErrorRecorder>();

    public static IEndpointRouteBuilder MapServerErrors(this IEndpointRouteBuilder app)
    {
        app.MapGet("/errors", Get)
            .RequireAuthorization() // a key of any scope, as for the metrics
            .WithTags("Status")
            .WithName("ListErrors")
            .WithSummary("Lists the last errors of this process, latest first")
            .WithDescription("The errors in its log since it started. Client errors (4xx) are not listed.")
            .ProducesProblems(Problems.Unauthorized, Problems.TooManyRequests, Problems.KeysUnavailable);
        return app;
    }

    private static Ok<ServerErrorsResponse> Get(ErrorRing ring) => TypedResults.Ok(new ServerErrorsResponse(ring.Since, ring.Latest));
}
