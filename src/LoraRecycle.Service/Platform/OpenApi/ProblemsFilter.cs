using LoraRecycle.Service.Platform.Http.Errors;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace LoraRecycle.Service.Platform.OpenApi;

/// <summary>Says which problems stand behind each status, and what problem details hold beyond RFC 9457.</summary>
internal sealed class ProblemsFilter : IOperationFilter, ISchemaFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        foreach (var problems in context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<ProblemResponses>())
            foreach (var status in problems.Kinds.GroupBy(kind => kind.Status))
                if (operation.Responses?.TryGetValue($"{status.Key}", out var response) == true)
                    response.Description = string.Join(" ", status.Select(kind => $"`{kind.Code}`: {kind.Title}"));
    }

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (context.Type != typeof(ProblemDetails) || schema is not OpenApiSchema { Properties: { } properties } problem)
            return;
        static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
        properties["code"] = Text("The kind of problem, for programs.");
        properties["field"] = Text(
            "The part of the request at fault, such as support[1].images[0]; absent when no single part is at fault."
        );
        properties["requestId"] = Text("The id of the request, as in the header X-Request-Id and in the log.");
        problem.AdditionalPropertiesAllowed = true;
    }
}
