using System.CommandLine;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Tuning.Markets;

namespace LoraRecycle.Cli.Commands;

/// <summary>Lists the LoRAs of a market.</summary>
internal sealed class MarketListCommand : Command, IVerb
{
    private readonly Argument<string> _market = new("MARKET") { Description = "The market's folder." };
    private readonly JsonOption _json = JsonOption.Create();

    public MarketListCommand() : base("list", "List a market's LoRAs: classes, ranks and held-out accuracy.")
    {
        Arguments.Add(_market);
        Options.Add(_json);
        SetAction(Run);
    }

    public IReadOnlyList<string> Examples { get; } = ["./run market list my-market"];

    private int Run(ParseResult parsed)
    {
        var market = Market.Open(parsed.GetValue(_market)!);
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_json))
            CliJson.Write(output, [.. market.Loras], CliJson.Default.LoraRecordArray);
        else
            output.WriteTable(MarketTable.Of(market.Loras));
        return ExitCode.Ok;
    }
}
