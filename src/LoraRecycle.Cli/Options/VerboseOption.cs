using System.CommandLine;

namespace LoraRecycle.Cli.Options;

/// <summary>Accepted by every verb: shows an error's stack trace instead of its one line.</summary>
internal static class VerboseOption
{
    public static Option<bool> Instance { get; } = new("--verbose")
    {
        Description = "Show the stack trace of an error, not only its message.",
        Recursive = true,
    };
}
