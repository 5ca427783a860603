using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace LoraRecycle.Service.Platform.OpenApi;

/// <summary>Describes the bodies that <see cref="JsonBody"/> marks.</summary>
internal sealed class JsonBodyFilter : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<JsonBody>().FirstOrDefault() is not { } body)
            return;
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                ["application/json"] = new OpenApiMediaType
                {
                    Schema = context.SchemaGenerator.GenerateSchema(body.Type, context.SchemaRepository),
                    Example = body.Example.DeepClone(),
                },
            },
        };
    }
}
