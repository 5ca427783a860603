using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Cli.Output.Progress;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Method.Tuning;

namespace LoraRecycle.Cli.Commands.Markets;

/// <summary>Tunes one LoRA with its linear head.</summary>
internal sealed class TuneCommand : ResultVerb<LoraRecord>
{
    private readonly Option<string> _data = new("--data")
    {
        Description = "Class folders: a directory, or a ZIP of class/file.",
        Required = true,
        HelpName = "DIR|ZIP",
    };
    private readonly Option<string?> _classes = new("--classes")
    {
        Description = "The classes to tell apart, in the order of the head. [default: all]",
        HelpName = "A,B,C",
    };
    private readonly Option<string> _out = new("--out")
    {
        Description = "Where to write the LoRA; an existing one is replaced.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly Option<int> _rank = new("--rank") { Description = "The rank of the factors.", DefaultValueFactory = _ => 4 };
    private readonly Option<string> _targets = new("--targets")
    {
        Description = "The layers to adapt in every block, among q, k, v, out, fc1, fc2.",
        DefaultValueFactory = _ => "q,v",
    };
    private readonly TuningOptions _tuning = new();
    private readonly MethodOptions _method = new(isList: false);

    public TuneCommand()
        : base("tune", "Tune a LoRA and its linear head on labelled images, as a PEFT directory.", CliJson.Default.LoraRecord)
    {
        Options.Add(_data);
        Options.Add(_classes);
        Options.Add(_out);
        Options.Add(_rank);
        Options.Add(_targets);
        _method.AddTo(this);
        _tuning.AddTo(this);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run tune --data samples --classes cup,chair,barrel --out my-lora",
        "./run tune --data data/caltech101-72.zip --classes Faces,camera,lamp --rank 8 --targets q,k,v,out --steps 500 --out my-lora",
        "./run tune --data samples --method comp-lora --objective prototypes --out my-lora",
    ];

    protected override LoraRecord Compute(ParseResult parsed, CancellationToken cancellation)
    {
        using var data = NamedDataSet.Open(parsed, parsed.GetValue(_data)!);
        var classes = parsed.GetValue(_classes) is { } names ? NameList.Parse(names) : [.. data.Classes.Select(c => c.Name)];
        _ = data.Select(classes);
        var path = Path.GetFullPath(parsed.GetValue(_out)!);
        PeftWriter.RequireReplaceable(path);
        if (_method.Methods(parsed) is not [var method]) throw new UsageException("--method: expected one method.");
        var targets = NameList.Parse(parsed.GetValue(_targets)!);
        var settings = _method.Override(
            parsed, method.On(_tuning.Settings(parsed) with { Rank = parsed.GetValue(_rank), Targets = targets }));
        // Some methods have targets of their own.
        if (parsed.GetResult(_targets) is { Implicit: false }) settings = settings with { Targets = targets };
        var task = new LoraTask(Path.GetFileName(Path.TrimEndingDirectorySeparator(path)), classes, settings);

        using var model = _tuning.Load(parsed);
        var run = _tuning.Run(parsed, model, data);
        return LiveProgress.Run(parsed.InvocationConfiguration.Error, live => run.Run(
            task,
            path,
            new InlineProgress<TuningProgress>(step => live.Report(new LiveStep(task.Name, step.Step, step.Steps, step.Loss))),
            cancellation
        ));
    }

    protected override void Show(TextWriter output, LoraRecord result, ParseResult parsed) =>
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.GetFullPath(parsed.GetValue(_out)!)}: {result.Classes.Count} classes, {result.TrainImages} images, loss "
                    + $"{result.FinalLoss:0.000}, {Held(result)}, {result.Seconds:0.0} s{Lost(result)}"
            )
        );

    private static string Lost(LoraRecord lora) => lora.Lost > 1e-4
        ? string.Create(CultureInfo.InvariantCulture, $"; the LoRA lacks up to {100 * lora.Lost:0.0} % of a layer's change, by norm")
        : "";

    private static string Held(LoraRecord lora) => lora.HeldOutAccuracy is { } accuracy
        ? $"{Tables.Percent(accuracy)} % of {lora.HeldOutImages} held-out images"
        : "no images held out";
}
