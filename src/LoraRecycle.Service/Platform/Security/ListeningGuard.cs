using System.Net;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Security;

/// <summary>Refuses to start where others than this machine could reach a service that asks for no key.</summary>
internal sealed class ListeningGuard(IConfiguration configuration, LiveApiKeys keys, IOptions<StorageOptions> storage)
    : IValidateOptions<SecurityOptions>
{
    public ValidateOptionsResult Validate(string? name, SecurityOptions options)
    {
        var wrong = options.CorsOrigins.Where(origin => !IsOrigin(origin)).ToArray();
        if (wrong is [var first, ..])
            return ValidateOptionsResult.Fail(
                $"Security:CorsOrigins: Expected origins such as https://example.org, without a path. Found '{first}'."
            );
        return Refusal(ListeningAddresses.Of(configuration), options) is { } refusal
            ? ValidateOptionsResult.Fail(refusal)
            : ValidateOptionsResult.Success;
    }

    /// <returns>Why the server must not listen on these addresses; null when it may.</returns>
    public string? Refusal(IEnumerable<string> addresses, SecurityOptions options)
    {
        if (options.AllowAnonymous || addresses.FirstOrDefault(address => !IsLoopback(address)) is not { } exposed)
            return null;
        try
        {
            return keys.Any
                ? null
                : $"Security: Listening on {exposed} would let other machines use the service, and {storage.Value.FullPath} has no "
                    + "keys. Create one (./run key create --name NAME --scopes classify), listen on 127.0.0.1, or set "
                    + "Security:AllowAnonymous=true.";
        }
        catch (ProblemException exception)
        {
            return $"Security: {exception.InnerException?.Message ?? exception.Message}";
        }
    }

    internal static bool IsLoopback(string address)
    {
        try
        {
            var binding = BindingAddress.Parse(address);
            return binding.IsUnixPipe || binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(binding.Host, out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && uri.GetLeftPart(UriPartial.Authority) == origin;
}
