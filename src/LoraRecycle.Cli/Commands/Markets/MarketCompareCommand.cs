using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Cli.Output.Progress;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Tuners;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Method.Tuning.Methods;

namespace LoraRecycle.Cli.Commands.Markets;

/// <summary>Tunes the same tasks with several methods, and shows how they differ.</summary>
internal sealed class MarketCompareCommand : ResultVerb<TunerReport>
{
    private readonly Option<string> _data = new("--data")
    {
        Description = "Class folders: a directory, or a ZIP of class/file.",
        Required = true,
        HelpName = "DIR|ZIP",
    };
    private readonly Option<string?> _split = new("--split")
    {
        Description = "A split file: tasks of test classes are measured, learning rates chosen on validation classes. Without it, all "
            + "classes do both.",
        HelpName = "FILE",
    };
    private readonly Option<string> _methods = new("--methods")
    {
        Description = $"Some of {string.Join(", ", TuningMethods.All.Select(method => method.Name))}, or all. Plain LoRA comes with them.",
        DefaultValueFactory = _ => "all",
        HelpName = "A,B",
    };
    private readonly Option<int> _tasks = new("--tasks") { Description = "Tasks that are measured.", DefaultValueFactory = _ => 12 };
    private readonly Option<int> _ways = new("--ways") { Description = "Classes per task.", DefaultValueFactory = _ => 5 };
    private readonly Option<int?> _shots = new("--shots") { Description = "Images of each class to tune on. [default: all]" };
    private readonly Option<string> _rates = new("--rates")
    {
        Description = "Learning rates that every method chooses from, in place of --lr.",
        DefaultValueFactory = _ => "",
        HelpName = "1e-4,1e-3",
    };
    private readonly Option<int> _choosing = new("--choosing-tasks")
    {
        Description = "Tasks that a learning rate is chosen on.",
        DefaultValueFactory = _ => 3,
    };
    private readonly Option<int> _episodes = new("--episodes")
    {
        Description = "Episodes of other classes that tell what was forgotten; 0 for none.",
        DefaultValueFactory = _ => 30,
    };
    private readonly Option<int> _tuned = new("--tuned-episodes")
    {
        Description = "Few-shot episodes, each answered by a LoRA that is tuned on its support set; 0 for none.",
        DefaultValueFactory = _ => 0,
    };
    private readonly Option<string> _targets = new("--targets")
    {
        Description = "The layers to adapt in every block, among q, k, v, out, fc1, fc2.",
        DefaultValueFactory = _ => "q,v",
    };
    private readonly Option<int> _rank = new("--rank") { Description = "The rank of the factors.", DefaultValueFactory = _ => 4 };
    private readonly Option<bool> _prototypes = new("--prototypes") { Description = "Learn from nearest prototypes, not from the head." };
    private readonly Option<string?> _markdown = new("--markdown") { Description = "Also write the table as Markdown.", HelpName = "FILE" };
    private readonly Option<string?> _svg = new("--svg") { Description = "Also draw the losses.", HelpName = "FILE" };
    private readonly TuningOptions _tuning = new();

    public MarketCompareCommand()
        : base("compare", "Tune the same tasks with several methods: loss, held-out accuracy, forgetting.", CliJson.Default.TunerReport)
    {
        foreach (var option in new Option[]
            {
                _data, _split, _methods, _tasks, _ways, _shots, _rates, _choosing, _episodes, _tuned, _rank, _targets, _prototypes,
                _markdown, _svg,
            })
            Options.Add(option);
        _tuning.AddTo(this);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run market compare --data data/caltech101-72.zip --split data/splits.json --methods lora-ga,comp-lora --tasks 3 --steps 50",
        "./run market compare --data data/caltech101-72.zip --split data/splits.json --rates 1e-4,3e-4,1e-3,3e-3,1e-2 --markdown tuners.md "
            + "--svg tuners.svg",
    ];

    protected override TunerReport Compute(ParseResult parsed, CancellationToken cancellation)
    {
        using var data = NamedDataSet.Open(parsed, parsed.GetValue(_data)!);
        var splits = parsed.GetValue(_split) is { } file ? DataSetSplits.Load(file) : null;
        var methods = parsed.GetValue(_methods) is "all"
            ? TuningMethods.All
            : [.. NameList.Parse(parsed.GetValue(_methods)!).Select(TuningMethods.Of)];
        var settings = _tuning.Settings(parsed) with
        {
            Rank = parsed.GetValue(_rank),
            Targets = NameList.Parse(parsed.GetValue(_targets)!),
            Objective = parsed.GetValue(_prototypes) ? Core.Method.Tuning.Options.Objective.Prototypes : default,
        };
        if (parsed.GetValue(_tasks) < 1) throw new UsageException("--tasks: expected at least 1.");
        if (parsed.GetValue(_episodes) < 0 || parsed.GetValue(_tuned) < 0)
            throw new UsageException("--episodes and --tuned-episodes: expected at least 0.");
        if (parsed.GetValue(_shots) is < 1) throw new UsageException("--shots: expected at least 1.");
        var probe = new TunerProbe
        {
            Tasks = parsed.GetValue(_tasks),
            Ways = parsed.GetValue(_ways),
            Shots = parsed.GetValue(_shots),
            LearningRates = Rates(parsed.GetValue(_rates)!),
            ChoosingTasks = parsed.GetValue(_choosing),
            ForgettingEpisodes = parsed.GetValue(_episodes),
            Episodes = parsed.GetValue(_tuned),
            Seed = _tuning.Seed(parsed),
            Settings = settings,
        };
        using var model = _tuning.Load(parsed);
        _ = settings.LayersOf(model.Transformer.AdaptableLayers);
        var comparison = new TunerComparison(
            model, _tuning.Run(parsed, model, data).Images, Classes(SplitPart.Test),
            probe.LearningRates.Count > 1 ? Classes(SplitPart.Val) : [], probe);
        var report = LiveProgress.Run(parsed.InvocationConfiguration.Error, live => comparison.Run(
            methods,
            new InlineProgress<(string Method, int Done, int All)>(at => live.Report(new LiveStep(at.Method, at.Done, at.All, null))),
            cancellation));
        if (parsed.GetValue(_markdown) is { } markdown) File.WriteAllText(markdown, TunerMarkdown.Of(report));
        if (parsed.GetValue(_svg) is { } svg) File.WriteAllText(svg, TunerSvg.Of(report));
        return report;

        IReadOnlyList<string> Classes(SplitPart part) => splits?.Classes(data.Name, part) ?? [.. data.Classes.Select(c => c.Name)];
    }

    private static double[] Rates(string text) =>
        text.Length == 0
            ? []
            :
            [
                .. text.Split(',').Select(part =>
                    double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate is > 0 and < 1e3
                        ? rate
                        : throw new UsageException($"--rates {text}: expected learning rates such as 1e-4,1e-3.")),
            ];

    protected override int Code(TunerReport result) => result.Rows.All(row => row.Failure is null) ? ExitCode.Ok : ExitCode.Negative;

    protected override void Show(TextWriter output, TunerReport result, ParseResult parsed)
    {
        var table = Tables.New(
            "method", "rate", "last loss", "held out %", "over LoRA", "forgotten", "over LoRA", "episodes", "over LoRA", "intruders", "s");
        foreach (var row in result.Rows)
            table.Row(
                row.Method,
                row.LearningRate.ToString("0.####", CultureInfo.InvariantCulture),
                row.Curve.Count == 0 ? "-" : row.Curve[^1].ToString("0.0000", CultureInfo.InvariantCulture),
                TunerMarkdown.Points(row.HeldOut),
                TunerMarkdown.Points(row.OverLora),
                TunerMarkdown.Points(row.Forgotten),
                TunerMarkdown.Points(row.ForgottenOverLora),
                TunerMarkdown.Points(row.Episodes),
                TunerMarkdown.Points(row.EpisodesOverLora),
                row.Intruders.ToString("0.0", CultureInfo.InvariantCulture),
                row.SecondsPerTask.ToString("0.0", CultureInfo.InvariantCulture));
        output.WriteTable(table);
        foreach (var row in result.Rows.Where(row => row.Failure is not null)) output.WriteLine($"{row.Method} failed: {row.Failure}");
    }
}
