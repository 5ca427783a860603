using System.CommandLine;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Evaluation;
using LoraRecycle.Core.Tuning.Markets;

namespace LoraRecycle.Cli.Commands;

/// <summary>Tests the LoRAs of a market again.</summary>
internal sealed class MarketCheckCommand : Command, IVerb
{
    private readonly Argument<string> _market = new("MARKET") { Description = "The market's folder." };
    private readonly Option<string[]> _data = new("--data") { Description = "Data sets to test on, by their names; LoRAs of others are only loaded.", HelpName = "DIR|ZIP", AllowMultipleArgumentsPerToken = true };
    private readonly ModelOptions _model = new();
    private readonly JsonOption _json = JsonOption.Create();

    public MarketCheckCommand() : base("check", "Load each LoRA of a market and test it on the images that were held out.")
    {
        Arguments.Add(_market);
        Options.Add(_data);
        _model.AddTo(this, withAdapter: false);
        Options.Add(_json);
        SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), cancellation));
    }

    public IReadOnlyList<string> Examples { get; } = ["./run market check my-market --data data/caltech101-72.zip data/omniglot-small.zip"];

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var market = Market.Open(parsed.GetValue(_market)!);
        var data = new List<ImageDataSet>();
        try
        {
            foreach (var path in parsed.GetValue(_data) ?? [])
                data.Add(ImageDataSet.Open(path));
            using var model = _model.LoadFrozen(parsed);
            var check = new MarketCheck(model);
            CheckedLora[] found = [.. market.Loras.Select(lora => check.Check(lora, market, ImagesOf, cancellation))];
            Show(parsed, found);
            return found.All(lora => lora.Fault is null) ? ExitCode.Ok : ExitCode.Negative;

            TaskImages? ImagesOf(string name, HeldOutSplit split) =>
                data.Find(set => set.Name == name) is { } set ? new TaskImages(set, model.Preprocessor, split) : null;
        }
        finally
        {
            foreach (var set in data)
                set.Dispose();
        }
    }

    private void Show(ParseResult parsed, CheckedLora[] found)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_json))
        {
            CliJson.Write(output, found, CliJson.Default.CheckedLoraArray);
            return;
        }
        var table = Tables.New("LoRA", "listed %", "now %", "fault");
        foreach (var lora in found)
            table.Row(lora.Name, MarketTable.Percent(lora.Listed), MarketTable.Percent(lora.Accuracy), lora.Fault ?? "");
        output.WriteTable(table);
    }
}
