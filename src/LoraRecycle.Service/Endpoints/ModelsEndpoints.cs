using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.Serving;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Endpoints;

/// <summary>The foundation models on this host.</summary>
internal static class ModelsEndpoints
{
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder app)
    {
        app.MapGet("/models", List)
            .WithName("ListModels")
            .WithTags("Models")
            .WithSummary("Lists the foundation models on this host, and the device they are on");
        return app;
    }

    private static Ok<ModelsResponse> List(IOptions<ModelsOptions> options, IImageEmbedder embedder)
    {
        var directories = options.Value.FindDirectory() is { } root ? Directory.EnumerateDirectories(root) : [];
        var ids = directories
            .Where(directory => File.Exists(Path.Combine(directory, "config.json")))
            .Select(directory => Path.GetFileName(directory))
            .Order(StringComparer.Ordinal);
        return TypedResults.Ok(new ModelsResponse(
            [.. ids.Select(id => id == options.Value.Default ? Serving(id, embedder.Model) : new HostedModel(id, false, "available", null, null, null))]));
    }

    private static HostedModel Serving(string id, Task<ModelDescription> model) => model switch
    {
        { IsCompletedSuccessfully: true, Result: var ready } => new HostedModel(id, true, "ready", ready.Device, ready.EmbeddingLength, ready.Revision),
        { IsCompleted: true } => new HostedModel(id, true, "failed", null, null, null),
        _ => new HostedModel(id, true, "loading", null, null, null),
    };
}
