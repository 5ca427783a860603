using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Cli.Output.Progress;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Core.Method.Recycling;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Recycling;

/// <summary>Distils pools of synthetic images into one meta-LoRA.</summary>
internal sealed class DistillCommand : ResultVerb<DistillationReport>
{
    private readonly Option<string[]> _pools = new("--pool")
    {
        Description = "Pools of synthetic images, written by invert.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "DIR",
    };
    private readonly Option<string> _market = new("--market")
    {
        Description = "The folder of the LoRAs that the pools were inverted from; each LoRA has the name of its pool.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly Option<string> _out = new("--out")
    {
        Description = "Where to write the meta-LoRA, as a PEFT directory.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly DistillationOptions _distillation = new();
    private readonly ModelOptions _model = new();
    private readonly PrecisionOption _precision = PrecisionOption.Create();

    public DistillCommand()
        : base("distill", "Distil synthetic images and their teachers into one meta-LoRA.", CliJson.Default.DistillationReport)
    {
        Options.Add(_pools);
        Options.Add(_market);
        Options.Add(_out);
        _distillation.AddTo(this);
        _model.AddTo(this, withAdapter: false, withDevices: true);
        Options.Add(_precision);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run distill --pool pools/* --market models/market --out models/meta-loras/mine",
        "./run distill --pool pools/* --market models/market --out meta --mask 0.5 --interpolation-ways 20 --start sum",
    ];

    protected override DistillationReport Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var (settings, devices) = (_distillation.Settings(parsed), _model.Devices(parsed));
        var (output, precision) = (
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetValue(_out)!)),
            _precision.Of(parsed, devices[0])
        );
        PeftWriter.RequireReplaceable(output);
        var pools = parsed.GetValue(_pools)!.Where(SyntheticPoolDirectory.IsPool).Order(StringComparer.Ordinal).ToArray();
        if (pools.Length == 0) throw new UsageException("--pool: none of these folders is a pool.");
        var names = pools.Select(pool => SyntheticPoolDirectory.ReadInfo(pool).Name).ToArray();

        var checkpoint = $"{output}.checkpoint";
        using var scope = torch.NewDisposeScope();
        var report = LiveProgress.Run(
            parsed.InvocationConfiguration.Error,
            live =>
                new PoolDistillation(_model.Directory(parsed), devices, precision, settings).Run(
                    [.. names.Zip(pools, (name, pool) => new PooledLora(Path.Combine(parsed.GetValue(_market)!, name), pool))],
                    checkpoint,
                    output,
                    (model, result) =>
                        new DistillationReport(
                            model,
                            [.. devices.Select(device => device.ToString())],
                            precision.ToString(),
                            ProductVersion.Text,
                            TorchLibrary.Version,
                            names,
                            result.Settings,
                            Stopwatch.GetElapsedTime(started).TotalSeconds,
                            result.Losses
                        ),
                    CliJson.Default.DistillationReport,
                    new InlineProgress<DistillationProgress>(step => live.Report(LiveSteps.Of(step))),
                    cancellation
                )
        );
        File.Delete(checkpoint);
        return report;
    }

    protected override void Show(TextWriter output, DistillationReport result, ParseResult parsed) =>
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{parsed.GetValue(_out)}: {result.Pools.Count} LoRAs distilled into one, last loss {result.Losses[^1]:F3}, "
                    + $"{result.Seconds:F0} s"
            )
        );
}
