using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Commands.Serving;

/// <summary>What a newcomer needs once the server listens: where to look, and a request that works as pasted.</summary>
internal static class Greeting
{
    public static void Write(TextWriter output, IEnumerable<string> urls)
    {
        var url = Reachable(urls.First());
        output.WriteLine($"""

            Serving on {url}
            Page:      {url}/ in a browser
            Swagger:   {url}/swagger
            Try it:    {CurlLine(url)}
            Stop:      Ctrl-C

            """);
        output.Flush();
    }

    /// <summary>One support photograph of each of two classes, and one query.</summary>
    public static string CurlLine(string url) =>
        $"curl {url}/classify -F 'support[cup]=@{Sample("cup/image_0046.jpg")}' -F 'support[chair]=@{Sample("chair/image_0051.jpg")}' "
            + $"-F 'query=@{Sample("cup/image_0047.jpg")}'";

    /// <summary>An address that listens on every interface is no address to send to.</summary>
    private static string Reachable(string url) =>
        url.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal)
            .Replace("+:", "127.0.0.1:", StringComparison.Ordinal).Replace("*:", "127.0.0.1:", StringComparison.Ordinal);

    /// <summary>In full, so that the line works from any folder; in a container, as it is in the checkout outside.</summary>
    private static string Sample(string name) =>
        Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") == "true"
            ? $"samples/{name}"
            : Path.Combine(Installation.Samples, name).Replace("'", @"'\''", StringComparison.Ordinal);
}
