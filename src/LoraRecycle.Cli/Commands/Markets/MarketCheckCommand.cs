using System.CommandLine;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Markets;

namespace LoraRecycle.Cli.Commands.Markets;

/// <summary>Tests the LoRAs of a market again.</summary>
internal sealed class MarketCheckCommand : ResultVerb<CheckedLora[]>
{
    private readonly Argument<string> _market = new("MARKET") { Description = "The market's folder." };
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Data sets to test on; LoRAs of other data sets are only loaded.",
        HelpName = "DIR|ZIP",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly ModelOptions _model = new();

    public MarketCheckCommand()
        : base("check", "Load each LoRA of a market and test it on its held-out images.", CliJson.Default.CheckedLoraArray)
    {
        Arguments.Add(_market);
        Options.Add(_data);
        _model.AddTo(this, withAdapter: false);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    ["./run market check my-market --data data/caltech101-72.zip data/omniglot-small.zip"];

    protected override CheckedLora[] Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var market = Market.Open(parsed.GetValue(_market)!);
        var data = new List<ImageDataSet>();
        try
        {
            foreach (var path in parsed.GetValue(_data) ?? [])
                data.Add(NamedDataSet.Open(parsed, path));
            using var model = _model.LoadFrozen(parsed);
            var check = new MarketCheck(model);
            return [.. market.Loras.Select(lora => check.Check(lora, market, ImagesOf, cancellation))];

            TaskImages? ImagesOf(string name, HeldOutSplit split) =>
                data.Find(set => set.Name == name) is { } set ? new TaskImages(set, model.Preprocessor, split) : null;
        }
        finally
        {
            foreach (var set in data)
                set.Dispose();
        }
    }

    protected override int Code(CheckedLora[] result) => result.All(lora => lora.Fault is null) ? ExitCode.Ok : ExitCode.Negative;

    protected override void Show(TextWriter output, CheckedLora[] result, ParseResult parsed)
    {
        var table = Tables.New("LoRA", "listed %", "now %", "fault");
        foreach (var lora in result)
            table.Row(lora.Name, MarketTable.Percent(lora.Listed), MarketTable.Percent(lora.Accuracy), lora.Fault ?? "");
        output.WriteTable(table);
    }
}
