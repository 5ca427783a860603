using System.Globalization;

namespace LoraRecycle.Core.Hub;

/// <summary>Which hub is asked, as whom, and where what it sends is kept: from the environment variables of Hugging Face's own
/// tools. No record, whose text would show the token.</summary>
public sealed class HubSettings
{
    private const string PublicHub = "https://huggingface.co";

    /// <summary>The hub's address, with no path after the host but perhaps that of a mirror.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>What the hub knows the user by; null for public repositories alone.</summary>
    public string? Token { get; init; }

    /// <summary>Where the repositories are kept.</summary>
    public required HubCache Cache { get; init; }

    /// <summary>Whether the network must not be used.</summary>
    public bool IsOffline { get; init; }

    /// <summary>How long an answer, or its next bytes, may take to come.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait after the first failed attempt; twice as long after each further one.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <param name="variable">An environment variable by its name; without it, the process's own.</param>
    /// <exception cref="HubContentException">A variable has a value that makes no sense.</exception>
    public static HubSettings FromEnvironment(Func<string, string?>? variable = null)
    {
        var folders = new HubFolders(variable ?? Environment.GetEnvironmentVariable);
        var timeout = folders.Value("HF_HUB_DOWNLOAD_TIMEOUT");
        return new HubSettings
        {
            Endpoint = Address(folders.Value("HF_ENDPOINT") ?? PublicHub),
            Token = IsYes(folders.Value("HF_HUB_DISABLE_IMPLICIT_TOKEN")) ? null : FindToken(folders),
            Cache = HubCache.FromEnvironment(variable),
            IsOffline = IsYes(folders.Value("HF_HUB_OFFLINE") ?? folders.Value("TRANSFORMERS_OFFLINE")),
            Timeout = timeout is null ? TimeSpan.FromSeconds(30)
                : int.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400
                    ? TimeSpan.FromSeconds(seconds)
                : throw new HubContentException($"HF_HUB_DOWNLOAD_TIMEOUT: expected whole seconds, such as 30; got '{timeout}'."),
        };
    }

    internal static bool IsYes(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    /// <summary>The value is not in the message: an address may hold a password.</summary>
    private static Uri Address(string given) =>
        Uri.TryCreate(given.TrimEnd('/') + "/", UriKind.Absolute, out var address)
        && address is { Scheme: "https" or "http", UserInfo: "", Query: "", Fragment: "" }
            ? address
            : throw new HubContentException(
                $"HF_ENDPOINT: expected an address such as {PublicHub}, without a user, a password or a query."
            );

    private static string? FindToken(HubFolders folders)
    {
        if (Cleaned(folders.Value("HF_TOKEN") ?? folders.Value("HUGGING_FACE_HUB_TOKEN"), "HF_TOKEN") is { } said) return said;
        try
        {
            return File.Exists(folders.TokenFile) ? Cleaned(File.ReadAllText(folders.TokenFile), folders.TokenFile) : null;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new HubContentException($"the token of the Hugging Face Hub cannot be read: {wrong.Message}", wrong);
        }
    }

    private static string? Cleaned(string? token, string source) => token?.Trim() switch
    {
        null or "" => null,
        var clean when clean.Length <= 4096 && clean.All(letter => letter is > ' ' and < '\u007F') => clean,
        _ => throw new HubContentException($"{source} holds no token: expected one line of printable characters, such as hf_..."),
    };
}
