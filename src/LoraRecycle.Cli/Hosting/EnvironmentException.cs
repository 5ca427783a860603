namespace LoraRecycle.Cli.Hosting;

/// <summary>Something outside of the program that is needed and is not there, such as a server that answers.</summary>
internal sealed class EnvironmentException(string message, Exception? inner = null) : Exception(message, inner);
