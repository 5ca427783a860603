using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LoraRecycle.Service.Features.Page.Samples;

/// <summary>Photographs to try the service with.</summary>
internal static class SampleEndpoints
{
    private const string Jpeg = "image/jpeg";

    public static IEndpointRouteBuilder MapSamples(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/samples").WithTags("Samples");
        group.MapGet("/", (SamplePhotographs samples) => TypedResults.Ok(new SamplesResponse(samples.Classes)))
            .RequireScope(ApiScopes.Classify)
            .WithName("ListSamples")
            .WithSummary("Lists the photographs that come with the server, by class");
        group.MapGet("/{label}/{name}", Get)
            .RequireScope(ApiScopes.Classify)
            .WithName("GetSample")
            .WithSummary("Gets a photograph that comes with the server")
            .Produces<byte[]>(StatusCodes.Status200OK, Jpeg)
            .ProducesProblems(Problems.NotFound);
        return app;
    }

    private static PhysicalFileHttpResult Get(string label, string name, SamplePhotographs samples) =>
        samples.Find(label, name) is { } path
            ? TypedResults.PhysicalFile(path, Jpeg)
            : throw new ProblemException(
                Problems.NotFound,
                "Expected the class and the name of an existing photograph; GET /samples lists them."
            );
}

/// <summary>The photographs that come with the server.</summary>
/// <param name="Classes">The photographs by class; empty when the server has none.</param>
public sealed record SamplesResponse(IReadOnlyList<SampleClass> Classes);

/// <summary>Photographs of one class.</summary>
/// <param name="Label">The class.</param>
/// <param name="Images">The names of its photographs, served at <c>/samples/{label}/{name}</c>.</param>
public sealed record SampleClass(string Label, IReadOnlyList<string> Images);
