using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Service.Features.Loras.Storage;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace LoraRecycle.Service.Features.Loras.Uploads;

/// <summary>Describes the form of an upload that <see cref="LoraBody"/> marks.</summary>
internal sealed class LoraBodyFilter : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (!context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<LoraBody>().Any())
            return;
        static OpenApiSchema File(string description) =>
            new()
            {
                Type = JsonSchemaType.String,
                Format = "binary",
                Description = description,
            };
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "PEFT's two files, optionally with a head; or one zip of them; or the single file that the paper's code writes.",
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                ["multipart/form-data"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            [AdapterFiles.Names[1]] = File("The weights, as PEFT writes them."),
                            [AdapterFiles.Names[0]] = File("The settings, as PEFT writes them."),
                            [AdapterFiles.Names[2]] = File("A linear head: weight [classes, embedding], and optionally bias [classes]."),
                            [AdapterFiles.Names[3]] = File("The names of the head's classes, a JSON array of strings."),
                            [LoraFiles.Paper] = File("The single file that the paper's code writes, instead of PEFT's files."),
                            [LoraArchive.Field] = File("A zip archive of the files, instead of the files themselves."),
                            ["file"] = File("Any of these; the file name tells which."),
                            ["name"] = new OpenApiSchema
                            {
                                Type = JsonSchemaType.String,
                                Description = "The LoRA's name.",
                                Examples = ["flowers"],
                            },
                        },
                    },
                },
            },
        };
    }
}
