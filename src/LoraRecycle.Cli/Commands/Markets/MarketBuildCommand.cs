using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Cli.Output.Progress;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Markets;

namespace LoraRecycle.Cli.Commands.Markets;

/// <summary>Tunes the LoRAs of a market, on random tasks of the training classes.</summary>
internal sealed class MarketBuildCommand : ResultVerb<MarketReport>
{
    private readonly Option<string> _data = new("--data")
    {
        Description = "Class folders: a directory, or a ZIP of class/file.",
        Required = true,
        HelpName = "DIR|ZIP",
    };
    private readonly Option<string?> _split = new("--split")
    {
        Description = "A split file, to use its training classes only; without it, all classes.",
        HelpName = "FILE",
    };
    private readonly Option<string> _out = new("--out")
    {
        Description = "The market's folder; LoRAs finished there are kept.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly Option<int> _loras = new("--loras") { Description = "The number of LoRAs.", DefaultValueFactory = _ => 40 };
    private readonly Option<int> _ways = new("--ways") { Description = "Classes per LoRA.", DefaultValueFactory = _ => 5 };
    private readonly Option<string> _ranks = new("--ranks") { Description = "Ranks; each LoRA draws one.", DefaultValueFactory = _ => "4" };
    private readonly Option<string> _targets = new("--targets")
    {
        Description = "Adapted layers, as one or several lists separated by /; each LoRA draws one list.",
        DefaultValueFactory = _ => "q,v",
    };
    private readonly TuningOptions _tuning = new();
    private readonly MethodOptions _method = new(isList: true);

    public MarketBuildCommand()
        : base("build", "Tune LoRAs on random tasks of the training classes; resumes where it was stopped.", CliJson.Default.MarketReport)
    {
        foreach (var option in new Option[] { _data, _split, _out, _loras, _ways, _ranks, _targets })
            Options.Add(option);
        _method.AddTo(this);
        _tuning.AddTo(this);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run market build --data data/caltech101-72.zip --split data/splits.json --loras 40 --ways 5 --ranks 2,4,8 --out my-market",
        "./run market build --data data/omniglot-small.zip --split data/splits.json --loras 20 --no-flips --targets q,v/q,k,v,out "
            + "--out my-market",
        "./run market build --data data/caltech101-72.zip --split data/splits.json --loras 20 --method lora,views --out my-market",
    ];

    protected override MarketReport Compute(ParseResult parsed, CancellationToken cancellation)
    {
        using var data = NamedDataSet.Open(parsed, parsed.GetValue(_data)!);
        var classes = parsed.GetValue(_split) is { } split
            ? data.Select(DataSetSplits.Load(split).Classes(data.Name, SplitPart.Train))
            : data.Classes;
        var plan = new MarketPlan
        {
            Loras = parsed.GetValue(_loras),
            Ways = parsed.GetValue(_ways),
            Ranks = NumberList.Parse("--ranks", parsed.GetValue(_ranks)!),
            Targets = [.. parsed.GetValue(_targets)!.Split('/').Select(NameList.Parse)],
            Seed = _tuning.Seed(parsed),
            Settings = _tuning.Settings(parsed),
            Methods = [.. _method.Methods(parsed).Select(method => method with
            {
                Apply = settings => _method.Override(parsed, method.Apply(settings)),
            })],
        };
        var tasks = plan.Draw(data.Name, [.. classes.Select(c => c.Name)]);

        using var model = _tuning.Load(parsed);
        var market = Market.OpenOrCreate(parsed.GetValue(_out)!);
        var builder = new MarketBuilder(market, _tuning.Run(parsed, model, data));
        return LiveProgress.Run(
            parsed.InvocationConfiguration.Error,
            live => builder.Build(tasks, new InlineProgress<MarketProgress>(step => live.Report(Step(step))), cancellation)
        );
    }

    private static LiveStep Step(MarketProgress progress) =>
        new(
            $"{progress.Name} ({progress.Done + 1} of {progress.Loras})",
            ((long)progress.Done * progress.Tuning.Steps) + progress.Tuning.Step,
            (long)progress.Loras * progress.Tuning.Steps,
            progress.Tuning.Loss
        );

    protected override int Code(MarketReport result) => result.Failed.Count == 0 ? ExitCode.Ok : ExitCode.Negative;

    protected override void Show(TextWriter output, MarketReport result, ParseResult parsed)
    {
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{parsed.GetValue(_out)}: {result.Built.Count} LoRAs built, {result.Skipped.Count} already there, "
                    + $"{result.Failed.Count} failed"
            )
        );
        if (result.Built.Count > 0)
            output.WriteTable(MarketTable.Of(result.Built));
        foreach (var failure in result.Failed)
            output.WriteLine($"{failure.Name} failed: {failure.Reason}");
    }
}
