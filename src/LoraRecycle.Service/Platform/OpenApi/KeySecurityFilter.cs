using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace LoraRecycle.Service.Platform.OpenApi;

/// <summary>Says which operations take a key, in either of two headers, and which scope it must have.</summary>
internal sealed class KeySecurityFilter : IOperationFilter
{
    public const string Bearer = "Bearer";
    public const string Header = ApiKeyAuthentication.Header;

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        string[] scopes =
        [
            .. context
                .ApiDescription.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>()
                .Select(data => data.Policy)
                .OfType<string>(),
        ];
        if (scopes.Length == 0)
            return;
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [.. scopes] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Header, context.Document)] = [.. scopes] },
        ];
    }
}
