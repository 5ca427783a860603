using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Web;

/// <summary>Pages of other origins: none as shipped, or those that the settings name.</summary>
internal static class CrossOrigin
{
    public static IServiceCollection AddCrossOrigin(this IServiceCollection services)
    {
        services
            .AddCors()
            .AddOptions<CorsOptions>()
            .Configure<IOptions<SecurityOptions>>(
                (cors, security) =>
                    cors.AddDefaultPolicy(policy =>
                        policy
                            .WithOrigins(security.Value.CorsOrigins)
                            .AllowAnyHeader()
                            .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
                            .WithExposedHeaders("X-Request-Id", "ETag", "Location", "WWW-Authenticate", "Retry-After", "Allow")
                            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))
                    )
            );
        return services;
    }

    public static IApplicationBuilder UseCrossOrigin(this IApplicationBuilder app) =>
        app.ApplicationServices.GetRequiredService<IOptions<SecurityOptions>>().Value.CorsOrigins.Length > 0 ? app.UseCors() : app;
}
