using System.Text.Json.Nodes;
using LoraRecycle.Service.Endpoints;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace LoraRecycle.Service.OpenApi;

/// <summary>Describes the body of endpoints that read an episode: both forms, with an example that runs as it is.</summary>
internal sealed class EpisodeBodyFilter : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (!context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<EpisodeBody>().Any())
            return;
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "The episode, as JSON with base64 images or as a form with files. May be compressed (Content-Encoding: gzip, br or deflate).",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new OpenApiMediaType
                {
                    Schema = context.SchemaGenerator.GenerateSchema(typeof(ClassifyRequest), context.SchemaRepository),
                    Example = Example(),
                },
                ["multipart/form-data"] = new OpenApiMediaType { Schema = Form() },
            },
        };
    }

    /// <summary>Two classes with one small photograph each, and one query.</summary>
    private static JsonNode Example()
    {
        using var resource = typeof(EpisodeBodyFilter).Assembly.GetManifestResourceStream("example-episode.json")!;
        return JsonNode.Parse(resource)!;
    }

    private static OpenApiSchema Form()
    {
        static OpenApiSchema Files(string description) => new()
        {
            Type = JsonSchemaType.Array,
            Description = description,
            Items = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
        };
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "One part named support[<label>] for each support image, one part named query for each query. The labels here are examples.",
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["support[cup]"] = Files("Images of the class 'cup'; any label may stand between the brackets."),
                ["support[chair]"] = Files("Images of the class 'chair'."),
                ["query"] = Files("Images to classify."),
                ["metaLora"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "default, none, or the id of a meta-LoRA." },
            },
            AdditionalProperties = Files("Images of the class named between the brackets of support[<label>]."),
            Required = new HashSet<string> { "query" },
        };
    }
}
