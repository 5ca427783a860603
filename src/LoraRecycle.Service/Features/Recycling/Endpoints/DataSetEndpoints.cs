using LoraRecycle.Service.Features.Recycling.Requests;
using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>What a job's result can be evaluated on.</summary>
internal static class DataSetEndpoints
{
    public static IEndpointRouteBuilder MapDataSets(this IEndpointRouteBuilder app)
    {
        app.MapGet("/data-sets", List)
            .RequireScope(ApiScopes.Market)
            .WithName("ListDataSets")
            .WithTags("Recycling")
            .WithSummary("Lists the data sets on this server for evaluating a job's result");
        return app;
    }

    // Whether a data set can fill the episodes that somebody wants is found out when a job asks for them.
    private static Ok<DataSetsResponse> List(DataSets dataSets) =>
        TypedResults.Ok(
            new DataSetsResponse([
                .. dataSets.Names.Select(name => new DataSetEntry(
                    name,
                    [.. dataSets.PartsOf(name).Select(part => part.ToString().ToLowerInvariant())]
                )),
            ])
        );
}

/// <summary>The data sets on this server.</summary>
/// <param name="DataSets">By name.</param>
public sealed record DataSetsResponse(IReadOnlyList<DataSetEntry> DataSets);

/// <summary>One data set.</summary>
/// <param name="Name">What <c>validation.dataSet</c> names it.</param>
/// <param name="Parts">What <c>validation.part</c> may be.</param>
public sealed record DataSetEntry(string Name, IReadOnlyList<string> Parts);
