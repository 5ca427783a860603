using System.CommandLine;

namespace LoraRecycle.Cli.Commands.Markets;

/// <summary>Builds, lists and checks a market of LoRAs, and inspects and converts adapters for it.</summary>
internal sealed class MarketCommand : Command, IVerb
{
    private readonly IReadOnlyList<Command> _verbs =
    [
        new MarketBuildCommand(),
        new MarketListCommand(),
        new MarketCheckCommand(),
        new MarketCompareCommand(),
        new MarketInspectCommand(),
        new MarketConvertCommand(),
        new MarketTrimCommand(),
    ];

    public MarketCommand()
        : base("market", "Build, list or check a folder of pre-tuned LoRAs; compare ways to tune; inspect and convert adapters.")
    {
        foreach (var verb in _verbs)
            Subcommands.Add(verb);
    }

    public IReadOnlyList<string> Examples => [.. _verbs.Cast<IVerb>().SelectMany(verb => verb.Examples)];
}
