using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Commands.Serving;

/// <summary>What <c>--url</c> names for the verbs that ask a server.</summary>
internal static class ServerAddress
{
    /// <exception cref="UsageException">It is no address.</exception>
    public static Uri Parse(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new UsageException($"--url {url} is not an address; expected one such as http://127.0.0.1:8080.");
}
