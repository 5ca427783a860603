using LoraRecycle.Service.Platform.Security;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Web;

/// <summary>The framework compares <c>AllowedHosts</c> as it is, so what is no host name would refuse every request without a
/// word.</summary>
internal sealed class AllowedHostsAreNames(IConfiguration configuration) : IValidateOptions<SecurityOptions>
{
    private const string Setting = "AllowedHosts";
    private const string AnySubdomain = "*.";

    public ValidateOptionsResult Validate(string? name, SecurityOptions options) =>
        configuration[Setting]?.Split(';', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(host => !IsHost(host)) is { } wrong
            ? ValidateOptionsResult.Fail(
                $"{Setting}: Expected host names separated by semicolons, without scheme, port or spaces, such as "
                    + $"lora.example.org;*.example.net, or * for all. Found '{wrong}'."
            )
            : ValidateOptionsResult.Success;

    private static bool IsHost(string host)
    {
        if (host == "*")
            return true;
        var plain = host.StartsWith(AnySubdomain, StringComparison.Ordinal) ? host[AnySubdomain.Length..] : host;
        var isAddress = plain.StartsWith('[') && plain.EndsWith(']');
        return (isAddress || !plain.Contains(':', StringComparison.Ordinal)) && Uri.CheckHostName(plain) != UriHostNameType.Unknown;
    }
}
