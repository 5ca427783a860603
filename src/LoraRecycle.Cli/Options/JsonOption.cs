using System.CommandLine;

namespace LoraRecycle.Cli.Options;

/// <summary>For scripts: the result as one JSON document on standard output, and nothing else there.</summary>
internal sealed class JsonOption() : Option<bool>("--json")
{
    public static JsonOption Create() => new() { Description = "Write the result as JSON." };
}
