using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Cli.Output.Progress;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Building;
using LoraRecycle.Core.Method.Recycling;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Recycling;

/// <summary>Makes images out of LoRAs.</summary>
internal sealed class InvertCommand : ResultVerb<InversionReport>
{
    private readonly Option<string[]> _loras = new("--lora")
    {
        Description = "LoRAs with their heads: PEFT directories or files.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "DIR",
    };
    private readonly Option<string> _out = new("--out")
    {
        Description = "Where to write the pools, each in a folder named after its LoRA.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly Option<double> _mask = new("--mask")
    {
        Description = "The share of patches to mask in the contact sheets.",
        DefaultValueFactory = _ => 0.5,
    };
    private readonly InversionOptions _inversion = new();
    private readonly BatchSizeOption _batchSize = BatchSizeOption.Create();
    private readonly PrecisionOption _precision = PrecisionOption.Create();
    private readonly ModelOptions _model = new();

    public InvertCommand()
        : base(
            "invert",
            "Invert LoRAs with their heads into synthetic images and masks, with a contact sheet to look at.",
            CliJson.Default.InversionReport
        )
    {
        Options.Add(_loras);
        Options.Add(_out);
        _inversion.AddTo(this);
        Options.Add(_mask);
        _model.AddTo(this, withAdapter: false, withDevices: true);
        Options.Add(_batchSize);
        Options.Add(_precision);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run invert --lora market/lora-01 --out pools",
        "./run invert --lora market/lora-* --out pools --pruning 5:.5 --canvas 96 --together 16",
        "./run invert --lora market/lora-* --out pools --devices cuda:0,cuda:1",
    ];

    protected override InversionReport Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        if (parsed.GetValue(_mask) is not (>= 0 and < 1))
            throw new UsageException("--mask: expected a share of at least 0 and less than 1.");
        var (settings, devices, root) = (_inversion.Settings(parsed), _model.Devices(parsed), parsed.GetValue(_out)!);
        if (File.Exists(root)) throw new UsageException($"--out {root}: expected a folder for pools; this is a file.");
        string[] loras = [.. parsed.GetValue(_loras)!.Select(AdapterPath.Find)];
        var (most, dtype) = (_batchSize.Most(parsed), _precision.Of(parsed, devices[0]));

        using var scope = torch.NewDisposeScope();
        var prior = _inversion.PriorPath(parsed);
        var inverted = LiveProgress.Run(
            parsed.InvocationConfiguration.Error,
            live => new LoraInversion(_model.Directory(parsed), prior, devices, dtype, settings)
            {
                BatchSize = most,
                SheetMask = parsed.GetValue(_mask),
            }.Run(
                (model, _) => loras.Select(path => InversionSource.Read(path, model.AdaptableLayers)),
                root,
                new InlineProgress<PoolProgress>(step => live.Report(LiveSteps.Of(step))),
                cancellation
            )
        );
        var report = new InversionReport(
            inverted.Model,
            prior,
            [.. devices.Select(device => device.ToString())],
            dtype.ToString(),
            ProductVersion.Text,
            TorchLibrary.Version,
            inverted.Stage.Together,
            settings,
            Stopwatch.GetElapsedTime(started).TotalSeconds,
            inverted.Pools
        );
        RunFile.Write(root, report, CliJson.Default.InversionReport);
        inverted.RequireAny();
        return report;
    }

    protected override void Show(TextWriter output, InversionReport result, ParseResult parsed)
    {
        var table = Tables.New("LoRA", "loss", "seconds", "pool");
        foreach (var pool in result.Pools)
            table.Row(
                pool.Name,
                pool.BestLoss?.ToString("F3", CultureInfo.InvariantCulture) ?? "-",
                pool.Seconds?.ToString("F1", CultureInfo.InvariantCulture) ?? "-",
                pool.Directory ?? $"failed: {pool.Failure}"
            );
        output.WriteTable(table);
    }
}
