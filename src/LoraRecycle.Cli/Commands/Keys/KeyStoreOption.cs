using System.CommandLine;
using LoraRecycle.Service.Platform.Security;

namespace LoraRecycle.Cli.Commands.Keys;

/// <summary>Whose keys: those of the service as it is configured, or of another data directory.</summary>
internal sealed class KeyStoreOption() : Option<string?>("--data-dir")
{
    public static KeyStoreOption Create() => new()
    {
        Description = "The service's data directory, as in Storage:Directory. Shipped setting: var.",
        HelpName = "DIR",
    };

    public ApiKeyStore Open(ParseResult parsed) =>
        parsed.GetValue(this) is { } directory
            ? new ApiKeyStore(Path.GetFullPath(directory), TimeProvider.System)
            : ApiKeyStore.AsConfigured(TimeProvider.System);
}
