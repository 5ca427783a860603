namespace LoraRecycle.Cli.Commands;

/// <summary>What a verb adds to a command: examples for its help, each a line that works as pasted from the checkout's root.</summary>
internal interface IVerb
{
    IReadOnlyList<string> Examples { get; }
}
