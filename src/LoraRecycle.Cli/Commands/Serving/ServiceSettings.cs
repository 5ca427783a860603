using System.Text.RegularExpressions;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.Hub;

namespace LoraRecycle.Cli.Commands.Serving;

/// <summary>Options of a verb as settings of the service, in the form its configuration reads from a command line.</summary>
internal static partial class ServiceSettings
{
    public static IReadOnlyList<string> From(
        string? url = null,
        string? model = null,
        string? device = null,
        string? metaLora = null,
        string? role = null
    )
    {
        var settings = new List<string>();
        if (url is not null)
            settings.Add($"--urls={CheckedUrl(url)}");
        if (model is not null && !Directory.Exists(model) && HubReference.TryParse(model) is not null)
            settings.Add($"--Models:Default={model}");
        else if (model is not null)
        {
            var directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(model));
            settings.Add($"--Models:Directory={Path.GetDirectoryName(directory)}");
            settings.Add($"--Models:Default={Path.GetFileName(directory)}");
        }
        if (device is not null)
        {
            settings.Add($"--Serving:Device={device}");
            settings.Add($"--Jobs:Devices:0={device}");
        }
        if (metaLora is not null)
            settings.Add($"--Models:MetaLora={metaLora}");
        if (role is not null)
            settings.Add($"--Jobs:Role={role}");
        return settings;
    }

    /// <summary>True for <c>--Section:Key=value</c>, however deep the section.</summary>
    public static bool IsSetting(string token) => Setting().IsMatch(token);

    private static string CheckedUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.AbsolutePath == "/"
            ? url
            : throw new UsageException($"--url {url} is not an address to listen on; expected one such as http://127.0.0.1:8080.");

    [GeneratedRegex("^--[A-Za-z0-9_.]+(:[A-Za-z0-9_.]+)+=")]
    private static partial Regex Setting();
}
