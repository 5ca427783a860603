namespace LoraRecycle.Service.Platform.Startup;

/// <summary>Where the server will listen.</summary>
internal static class ListeningAddresses
{
    private const string PreferHost = "preferHostingUrls";

    private static readonly string[] PortSettings = ["http_ports", "https_ports"];

    /// <summary>As Kestrel reads it: its endpoints when there are any and the host's settings are not preferred, else urls, else ports on
    /// every interface.</summary>
    public static IEnumerable<string> Of(IConfiguration configuration)
    {
        string[] endpoints =
            [.. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>()];
        var ofHost = OfHost(configuration);
        var isHostPreferred = ofHost.Length > 0 && configuration[PreferHost] is { } text
            && (text == "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase));
        return endpoints.Length > 0 && !isHostPreferred ? endpoints : ofHost;
    }

    private static string[] OfHost(IConfiguration configuration) =>
        configuration["urls"] is { Length: > 0 } urls
            ? urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : [
                .. PortSettings
                    .SelectMany(key => configuration[key]?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [])
                    .Select(port => $"http://*:{port}"),
            ];
}
