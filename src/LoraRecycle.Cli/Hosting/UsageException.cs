namespace LoraRecycle.Cli.Hosting;

/// <summary>Options that parse but make no sense together or for this input.</summary>
internal sealed class UsageException(string message) : Exception(message);
