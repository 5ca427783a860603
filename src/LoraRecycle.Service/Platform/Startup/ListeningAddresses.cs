namespace LoraRecycle.Service.Platform.Startup;

/// <summary>Where the server will listen.</summary>
internal static class ListeningAddresses
{
    private static readonly string[] PortSettings = ["http_ports", "https_ports"];

    /// <summary>As Kestrel reads it: its endpoints when there are any, else urls, else ports on every interface.</summary>
    public static IEnumerable<string> Of(IConfiguration configuration)
    {
        if (
            configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToArray()
            is [_, ..] endpoints
        )
            return endpoints;
        if (configuration["urls"] is { Length: > 0 } urls)
            return urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return PortSettings
            .SelectMany(key => configuration[key]?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [])
            .Select(port => $"http://*:{port}");
    }
}
