using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Security;

internal static class KeysRegistration
{
    /// <summary>API keys, and the refusal to be reachable without them. What declares nothing else needs a key of any scope.</summary>
    public static IServiceCollection AddApiKeys(this IServiceCollection services)
    {
        services
            .AddValidatedOptions<SecurityOptions>(SecurityOptions.Section)
            .AddSingleton<ListeningGuard>()
            .AddSingleton<IValidateOptions<SecurityOptions>>(provider => provider.GetRequiredService<ListeningGuard>())
            .AddHostedService<BoundAddressGuard>()
            .AddSingleton(provider => new ApiKeyStore(
                provider.GetRequiredService<IOptions<StorageOptions>>().Value.FullPath,
                provider.GetRequiredService<TimeProvider>()
            ))
            .AddSingleton<LiveApiKeys>()
            .AddSingleton<LastingAdmission>();
        // Not AddAuthentication: it brings a key ring for cookies, which there are none of, and writes it to the home directory.
        services.AddAuthenticationCore(options => options.DefaultScheme = ApiKeyAuthentication.SchemeName).AddWebEncoders();
        new AuthenticationBuilder(services)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, configureOptions: null);
        var authorization = services.AddAuthorizationBuilder().SetFallbackPolicy(new(
            [new DenyAnonymousAuthorizationRequirement()], [ApiKeyAuthentication.SchemeName]));
        foreach (var scope in ApiScopes.All)
            authorization.AddPolicy(
                scope,
                policy => policy.RequireAuthenticatedUser().RequireClaim(ApiKeyAuthentication.ScopeClaim, scope)
            );
        return services;
    }

    /// <summary>Only keys with this scope, one of <see cref="ApiScopes"/>.</summary>
    public static RouteHandlerBuilder RequireScope(this RouteHandlerBuilder endpoint, string scope) => endpoint
        .RequireAuthorization(scope)
        .ProducesProblems(
            Problems.Unauthorized,
            Problems.Forbidden,
            Problems.ForeignOrigin,
            Problems.TooManyRequests,
            Problems.KeysUnavailable
        );
}
