using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LoraRecycle.Cli.Errors;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Peft;
using LoraRecycle.Core.Devices;
using LoraRecycle.Core.Distillation;
using LoraRecycle.Core.Inversion;
using LoraRecycle.Core.Models;
using TorchSharp;

namespace LoraRecycle.Cli.Commands;

/// <summary>Distils pools of synthetic images into one meta-LoRA.</summary>
internal sealed class DistillCommand : Command, IVerb
{
    private readonly Option<string[]> _pools = new("--pool") { Description = "Pools, as invert wrote them.", Required = true, AllowMultipleArgumentsPerToken = true, HelpName = "DIR" };
    private readonly Option<string> _market = new("--market") { Description = "The folder of the LoRAs that the pools were made from; each by its pool's name.", Required = true, HelpName = "DIR" };
    private readonly Option<string> _out = new("--out") { Description = "Where the meta-LoRA goes, as a PEFT directory.", Required = true, HelpName = "DIR" };
    private readonly DistillationOptions _distillation = new();
    private readonly ModelOptions _model = new();
    private readonly PrecisionOption _precision = PrecisionOption.Create();
    private readonly JsonOption _json = JsonOption.Create();

    public DistillCommand() : base("distill", "Distil synthetic images and their teachers into one meta-LoRA.")
    {
        Options.Add(_pools);
        Options.Add(_market);
        Options.Add(_out);
        _distillation.AddTo(this);
        _model.AddTo(this, withAdapter: false);
        Options.Add(_precision);
        Options.Add(_json);
        SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), cancellation));
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "./run distill --pool pools/* --market models/market --out models/meta-loras/mine",
        "./run distill --pool pools/* --market models/market --out meta --mask 0.5 --interpolation-ways 20 --start sum",
    ];

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var (settings, device) = (_distillation.Settings(parsed), _model.Device(parsed));
        using var scope = torch.NewDisposeScope();
        using var model = FrozenModel.Load(_model.Directory(parsed), device, _precision.Of(parsed, device));
        var (pools, teachers) = (new List<SyntheticPool>(), new List<Adapter>());
        try
        {
            foreach (var directory in parsed.GetValue(_pools)!.Where(SyntheticPoolDirectory.IsPool).Order(StringComparer.Ordinal))
            {
                var pool = SyntheticPoolDirectory.Read(directory);
                pools.Add(pool);
                teachers.Add(AdapterCatalog.Default.Load(Path.Combine(parsed.GetValue(_market)!, pool.Info.Name), model.Transformer.AdaptableLayers, device));
            }
            if (pools.Count == 0) throw new UsageException("--pool: none of these folders is a pool.");

            var output = Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetValue(_out)!));
            using var result = LiveProgress.Run(parsed.InvocationConfiguration.Error, live => new Distiller([model.Transformer], model.Preprocessor.Config, [.. pools.Zip(teachers, TrainingSource.Of)], settings)
                .Run($"{output}.checkpoint", new Relay<DistillationProgress>(live, step => new LiveStep("distillation", step.Iteration, step.Iterations, step.Loss)), cancellation));
            var report = new DistillationReport(
                model.Id, device.ToString(), _precision.Of(parsed, device).ToString(), ProductVersion.Text, TorchLibrary.Version, [.. pools.Select(pool => pool.Info.Name)], settings,
                Stopwatch.GetElapsedTime(started).TotalSeconds, result.Losses);
            PeftWriter.Write(
                output, result.MetaLora, model.Transformer.AdaptableLayers, model.Id,
                addFiles: folder => File.WriteAllBytes(Path.Combine(folder, "run.json"), JsonSerializer.SerializeToUtf8Bytes(report, CliJson.Default.DistillationReport)));
            if (parsed.GetValue(_json))
                CliJson.Write(parsed.InvocationConfiguration.Output, report, CliJson.Default.DistillationReport);
            else
                parsed.InvocationConfiguration.Output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{parsed.GetValue(_out)}: {pools.Count} LoRAs in one, last loss {result.Losses[^1]:F3}, {report.Seconds:F0} s"));
            return ExitCode.Ok;
        }
        finally
        {
            pools.ForEach(pool => pool.Dispose());
            teachers.ForEach(teacher => teacher.Dispose());
        }
    }
}
