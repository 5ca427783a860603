using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.Keys;
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
            .RequireScope(ApiScopes.Classify)
            .WithName("ListModels")
            .WithTags("Models")
            .WithSummary("Lists the foundation models on this host, the device they are on, and the meta-LoRAs they have loaded");
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
            [.. ids.Select(id => id == options.Value.Default ? Serving(id, embedder) : NotReady(id, false, "available"))]));
    }

    private static HostedModel Serving(string id, IImageEmbedder embedder) => embedder.Model switch
    {
        { IsCompletedSuccessfully: true, Result: var ready } => new HostedModel(
            id, true, "ready", ready.Device, ready.EmbeddingLength, ready.Revision, [.. embedder.Loaded.Select(wearing => wearing.Id)]),
        { IsCompleted: true } => NotReady(id, true, "failed"),
        _ => NotReady(id, true, "loading"),
    };

    private static HostedModel NotReady(string id, bool isDefault, string status) => new(id, isDefault, status, null, null, null, []);
}
