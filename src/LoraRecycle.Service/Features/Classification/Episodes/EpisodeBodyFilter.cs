using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>Describes the body of endpoints that read an episode or a part of one: both forms, with an example that runs as it
/// is.</summary>
internal sealed class EpisodeBodyFilter : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<EpisodeBody>().FirstOrDefault() is not { } body)
            return;
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description =
                "JSON with base64 images, or a form with files. The body may be compressed (Content-Encoding: gzip, br or deflate).",
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                ["application/json"] = new OpenApiMediaType
                {
                    Schema = context.SchemaGenerator.GenerateSchema(body.Type, context.SchemaRepository),
                    Example = Example(body.Members),
                },
                ["multipart/form-data"] = new OpenApiMediaType { Schema = Form(body.Members) },
            },
        };
    }

    /// <summary>Two classes with one small photograph each, and one query; of that, what the body may have.</summary>
    private static JsonObject Example(RequestMembers members)
    {
        using var resource = typeof(EpisodeBodyFilter).Assembly.GetManifestResourceStream("example-episode.json")!;
        var example = JsonNode.Parse(resource)!.AsObject();
        foreach (
            var (member, name) in new[]
            {
                (RequestMembers.Support, RequestMemberNames.Support),
                (RequestMembers.Queries, RequestMemberNames.Queries),
                (RequestMembers.MetaLora, RequestMemberNames.MetaLora),
            }
        )
            if (!members.HasFlag(member))
                example.Remove(name);
        if (members.HasFlag(RequestMembers.Tuning))
        {
            example[RequestMemberNames.Name] = "airplanes and dalmatians";
            example[RequestMemberNames.Method] = "lora";
            example[RequestMemberNames.Options] = new JsonObject { ["steps"] = 20, ["objective"] = "prototypes" };
        }
        if (members.HasFlag(RequestMembers.Name))
            example[RequestMemberNames.Name] = "airplanes and dalmatians";
        return example;
    }

    private static OpenApiSchema Form(RequestMembers members)
    {
        var properties = new Dictionary<string, IOpenApiSchema>();
        if (members.HasFlag(RequestMembers.Support))
        {
            properties["support[cup]"] = Files("Images of the class 'cup'; put any label between the brackets.");
            properties["support[chair]"] = Files("Images of the class 'chair'.");
        }
        if (members.HasFlag(RequestMembers.Queries))
            properties[RequestMemberNames.Query] = Files("Images to classify.");
        if (members.HasFlag(RequestMembers.MetaLora))
            properties[RequestMemberNames.MetaLora] = Text("default, none, or the id of a meta-LoRA.", "default");
        if (members.HasFlag(RequestMembers.Reject))
            properties[RequestMemberNames.Reject] = Text(
                "The share of known queries that may be rejected, above 0 and at most 0.5; empty for no rejection.",
                "0.05"
            );
        if (members.HasFlag(RequestMembers.Embeddings))
            properties[RequestMemberNames.Embeddings] = Text("true to return the embeddings of all images.", "false");
        if (members.HasFlag(RequestMembers.Name))
            properties[RequestMemberNames.Name] = Text("The task's name; empty for no name.", "cups and chairs");
        if (members.HasFlag(RequestMembers.Tuning))
        {
            properties[RequestMemberNames.Name] = Text("The LoRA's name; empty for a name of the job's.", "airplanes and dalmatians");
            properties[RequestMemberNames.Task] = Text("The id of a stored task to tune on, instead of files; empty for none.", "");
            properties[RequestMemberNames.Method] = Text("The name of a method, of those that GET /tune/methods lists.", "lora");
            properties[RequestMemberNames.HeldOut] = Text("The share of each class's images to keep from tuning, for a test.", "0");
            properties[RequestMemberNames.Options] = Text("Settings beside the method's, as JSON.", "{\"steps\": 20}");
        }
        if (members.HasFlag(RequestMembers.Drops))
        {
            properties[RequestMemberNames.DropClasses] = Texts("The label of a class to drop; one part for each class.");
            properties[RequestMemberNames.DropImages] = Texts("The id of an image to drop; one part for each image.");
        }
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = $"Parts named {members.Listed(form: true)}; one part for each image. The labels here are examples.",
            Properties = properties,
            AdditionalProperties = members.HasFlag(RequestMembers.Support)
                ? Files("Images of the class named between the brackets of support[<label>].")
                : null,
            Required = members.HasFlag(RequestMembers.Queries) ? new HashSet<string> { RequestMemberNames.Query } : null,
        };
    }

    /// <summary>A field with a value that runs as it is: a client that fills in forms would make it "string" otherwise.</summary>
    private static OpenApiSchema Text(string description, string value) => new()
    {
        Type = JsonSchemaType.String,
        Description = description,
        Default = value,
    };

    private static OpenApiSchema Texts(string description) => new()
    {
        Type = JsonSchemaType.Array,
        Description = description,
        Items = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiSchema Files(string description) => new()
    {
        Type = JsonSchemaType.Array,
        Description = description,
        Items = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
    };
}
