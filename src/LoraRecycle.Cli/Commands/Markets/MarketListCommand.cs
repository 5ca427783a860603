using System.CommandLine;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Markets;

namespace LoraRecycle.Cli.Commands.Markets;

/// <summary>Lists the LoRAs of a market.</summary>
internal sealed class MarketListCommand : ResultVerb<LoraRecord[]>
{
    private readonly Argument<string> _market = new("MARKET") { Description = "The market's folder." };

    public MarketListCommand()
        : base("list", "List a market's LoRAs: classes, ranks and held-out accuracy.", CliJson.Default.LoraRecordArray)
    {
        Arguments.Add(_market);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } = ["./run market list my-market"];

    protected override LoraRecord[] Compute(ParseResult parsed, CancellationToken cancellation) =>
        [.. Market.Open(parsed.GetValue(_market)!).Loras];

    protected override void Show(TextWriter output, LoraRecord[] result, ParseResult parsed) => output.WriteTable(MarketTable.Of(result));
}
