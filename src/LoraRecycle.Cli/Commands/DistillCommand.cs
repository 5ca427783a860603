using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LoraRecycle.Cli.Errors;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Peft;
using LoraRecycle.Core.Devices;
using LoraRecycle.Core.Distillation;
using LoraRecycle.Core.Files;
using LoraRecycle.Core.Inversion;
using LoraRecycle.Core.Models;
using TorchSharp;

namespace LoraRecycle.Cli.Commands;

/// <summary>Distils pools of synthetic images into one meta-LoRA.</summary>
internal sealed class DistillCommand : ResultVerb<DistillationReport>
{
    private readonly Option<string[]> _pools = new("--pool") { Description = "Pools, as invert wrote them.", Required = true, AllowMultipleArgumentsPerToken = true, HelpName = "DIR" };
    private readonly Option<string> _market = new("--market") { Description = "The folder of the LoRAs that the pools were made from; each by its pool's name.", Required = true, HelpName = "DIR" };
    private readonly Option<string> _out = new("--out") { Description = "Where the meta-LoRA goes, as a PEFT directory.", Required = true, HelpName = "DIR" };
    private readonly DistillationOptions _distillation = new();
    private readonly ModelOptions _model = new();
    private readonly PrecisionOption _precision = PrecisionOption.Create();

    public DistillCommand() : base("distill", "Distil synthetic images and their teachers into one meta-LoRA.", CliJson.Default.DistillationReport)
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
        var (output, precision) = (Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetValue(_out)!)), _precision.Of(parsed, devices[0]));
        PeftWriter.RequireReplaceable(output);
        using var scope = torch.NewDisposeScope();
        var (models, pools, teachers) = (new List<FrozenModel>(), new List<SyntheticPool>(), new List<Adapter>());
        try
        {
            foreach (var device in devices) models.Add(FrozenModel.Load(_model.Directory(parsed), device, precision));
            var (first, layers) = (models[0], models[0].Transformer.AdaptableLayers);
            foreach (var directory in parsed.GetValue(_pools)!.Where(SyntheticPoolDirectory.IsPool).Order(StringComparer.Ordinal))
            {
                var pool = SyntheticPoolDirectory.Read(directory);
                pools.Add(pool);
                teachers.Add(AdapterCatalog.Default.Load(Path.Combine(parsed.GetValue(_market)!, pool.Info.Name), layers, first.Device));
            }
            if (pools.Count == 0) throw new UsageException("--pool: none of these folders is a pool.");

            var checkpoint = $"{output}.checkpoint";
            using var result = LiveProgress.Run(parsed.InvocationConfiguration.Error, live => new Distiller([.. models.Select(model => model.Transformer)], first.Preprocessor.Config, [.. pools.Zip(teachers, TrainingSource.Of)], settings)
                .Run(checkpoint, new Relay<DistillationProgress>(live, LiveSteps.Of), cancellation));
            var report = new DistillationReport(
                first.Id, [.. devices.Select(device => device.ToString())], precision.ToString(), ProductVersion.Text, TorchLibrary.Version, [.. pools.Select(pool => pool.Info.Name)], settings,
                Stopwatch.GetElapsedTime(started).TotalSeconds, result.Losses);
            PeftWriter.Write(
                output, result.MetaLora, layers, first.Id,
                addFiles: folder => RunFile.Write(folder, report, CliJson.Default.DistillationReport));
            File.Delete(checkpoint);
            return report;
        }
        finally
        {
            pools.ForEach(pool => pool.Dispose());
            teachers.ForEach(teacher => teacher.Dispose());
            models.ForEach(model => model.Dispose());
        }
    }

    protected override void Show(TextWriter output, DistillationReport result, ParseResult parsed) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{parsed.GetValue(_out)}: {result.Pools.Count} LoRAs in one, last loss {result.Losses[^1]:F3}, {result.Seconds:F0} s"));
}
