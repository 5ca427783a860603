using LoraRecycle.Service.Platform.Web;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace LoraRecycle.Service.Platform.OpenApi;

internal static class OpenApiRegistration
{
    /// <summary>The XML documentation, which some leave out of a deployment.</summary>
    private static readonly string Documentation = Path.ChangeExtension(typeof(OpenApiRegistration).Assembly.Location, ".xml");

    /// <summary>The OpenAPI document, from the endpoints and their XML documentation.</summary>
    public static IServiceCollection AddOpenApiDocument(this IServiceCollection services) =>
        services
            .AddEndpointsApiExplorer()
            .AddSwaggerGen(options =>
            {
                options.SwaggerDoc(
                    "v1",
                    new OpenApiInfo
                    {
                        Title = "LoRA Recycle Service",
                        Version = "v1",
                        Description =
                            "Few-shot image classification without tuning. Errors are RFC 9457 problem details with a stable `code`.",
                    }
                );
                // Without it the document lacks descriptions; that is no reason to refuse requests.
                if (File.Exists(Documentation))
                    options.IncludeXmlComments(Documentation);
                // A HEAD is its GET without a body, and has nothing of its own to say.
                options.DocInclusionPredicate((_, description) => description.HttpMethod != HttpMethods.Head);
                options.SupportNonNullableReferenceTypes();
                options.AddSecurityDefinition(
                    KeySecurityFilter.Bearer,
                    new OpenApiSecurityScheme
                    {
                        Type = SecuritySchemeType.Http,
                        Scheme = "bearer",
                        Description = "The token of a key.",
                    }
                );
                options.AddSecurityDefinition(
                    KeySecurityFilter.Header,
                    new OpenApiSecurityScheme
                    {
                        Type = SecuritySchemeType.ApiKey,
                        In = ParameterLocation.Header,
                        Name = KeySecurityFilter.Header,
                        Description = "The same token, for clients that cannot set Authorization.",
                    }
                );
                options.OperationFilter<KeySecurityFilter>();
                options.OperationFilter<JsonBodyFilter>();
                options.OperationFilter<ProblemsFilter>();
                options.SchemaFilter<ProblemsFilter>();
            });

    /// <summary>Lets a feature describe what its endpoints' parameters do not tell.</summary>
    public static IServiceCollection AddOperationFilter<T>(this IServiceCollection services) where T : IOperationFilter =>
        services.Configure<SwaggerGenOptions>(options => options.OperationFilter<T>());

    /// <summary>The document at /swagger/v1/swagger.json, and the page that shows it at /swagger.</summary>
    /// <remarks>For these paths alone: Swashbuckle would read all documentation before the first answer to anything.</remarks>
    public static IApplicationBuilder UseOpenApiPages(this IApplicationBuilder app) => app.UseWhen(
        context => context.Request.Path.StartsWithSegments("/swagger", StringComparison.OrdinalIgnoreCase),
        pages => pages
            .UseHeadAsGet()
            .UseSwagger()
            .UseSwaggerUI(options =>
            {
                options.DocumentTitle = "LoRA Recycle Service";
                options.SwaggerEndpoint("v1/swagger.json", "LoRA Recycle Service v1");
                options.DisplayRequestDuration();
            }));
}
