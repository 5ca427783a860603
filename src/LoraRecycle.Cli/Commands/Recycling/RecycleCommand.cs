using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output.Progress;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Method.Recycling;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Recycling;

/// <summary>Turns a market of LoRAs into one meta-LoRA: inversion and distillation in one.</summary>
internal sealed class RecycleCommand : ResultVerb<RecyclingReport>
{
    private readonly Option<string> _market = new("--market")
    {
        Description = "A folder of LoRAs with their heads, from market build, or of PEFT directories.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly Option<string[]> _loras = new("--lora")
    {
        Description = "Names of the market's LoRAs to recycle. [default: all]",
        AllowMultipleArgumentsPerToken = true,
        HelpName = "NAME",
    };
    private readonly Option<string> _out = new("--out")
    {
        Description = "Where to write the meta-LoRA, as a PEFT directory.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly Option<string?> _pools = new("--pools")
    {
        Description = "Where to write the synthetic images; they are kept, and existing ones are reused. [default: OUT.pools]",
        HelpName = "DIR",
    };
    private readonly Option<int> _seed = new("--seed") { Description = "The seed of both stages.", DefaultValueFactory = _ => 0 };
    private readonly InversionOptions _inversion = new("invert-");
    private readonly DistillationOptions _distillation = new("distill-");
    private readonly BatchSizeOption _batchSize = BatchSizeOption.Create();
    private readonly ModelOptions _model = new();
    private readonly PrecisionOption _precision = PrecisionOption.Create();

    public RecycleCommand()
        : base(
            "recycle",
            "Recycle a market of LoRAs into one meta-LoRA: invert them, then distil the images; resumes where it was stopped.",
            RecyclingReport.Json
        )
    {
        foreach (var option in new Option[] { _market, _loras, _out, _pools, _seed })
            Options.Add(option);
        _inversion.AddTo(this);
        _distillation.AddTo(this);
        Options.Add(_batchSize);
        _model.AddTo(this, withAdapter: false, withDevices: true);
        Options.Add(_precision);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run recycle --market models/market --out models/meta-loras/mine",
        "./run recycle --market my-market --lora flowers birds --out meta --invert-iterations 400 --distill-mask 0.5 --distill-shots 1",
        "./run recycle --market my-market --out meta --devices cuda:0,cuda:1",
    ];

    protected override RecyclingReport Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetValue(_out)!));
        var (seed, devices) = (parsed.GetValue(_seed), _model.Devices(parsed));
        var plan = new RecyclingPlan
        {
            Model = _model.Directory(parsed),
            Prior = _inversion.PriorPath(parsed),
            Devices = devices,
            Precision = _precision.Of(parsed, devices[0]),
            BatchSize = _batchSize.Most(parsed),
            Inversion = _inversion.Settings(parsed) with { Seed = seed },
            Distillation = _distillation.Settings(parsed) with { Seed = seed },
            Market = parsed.GetValue(_market)!,
            Loras = parsed.GetValue(_loras) ?? [],
            Pools = parsed.GetValue(_pools) ?? $"{target}.pools",
            Out = target,
        };
        if (plan.Loras.Count != plan.Loras.Distinct(StringComparer.Ordinal).Count())
            throw new UsageException("--lora: a LoRA is named twice.");
        using var scope = torch.NewDisposeScope();
        return LiveProgress.Run(parsed.InvocationConfiguration.Error, live => new Recycler(plan, TimeProvider.System)
            .Run(new InlineProgress<RecyclingProgress>(step => live.Report(LiveSteps.Of(step))), cancellation));
    }

    protected override void Show(TextWriter output, RecyclingReport result, ParseResult parsed)
    {
        var failed = result.Loras.Where(lora => lora.Failure is not null).ToArray();
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{parsed.GetValue(_out)}: {result.Loras.Count - failed.Length} LoRAs recycled into one, last loss "
                    + $"{result.Distillation.Losses[^1]:F3}, "
                    + $"{result.Inversion.Seconds:F0} s of inversion and {result.Distillation.Seconds:F0} s of distillation"
            )
        );
        foreach (var lora in failed)
            output.WriteLine($"{lora.Name} was left out: {lora.Failure}");
    }
}
