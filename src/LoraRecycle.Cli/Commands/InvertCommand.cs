using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LoraRecycle.Cli.Errors;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Devices;
using LoraRecycle.Core.Inversion;
using LoraRecycle.Core.Models;
using TorchSharp;

namespace LoraRecycle.Cli.Commands;

/// <summary>Makes images out of LoRAs.</summary>
internal sealed class InvertCommand : Command, IVerb
{
    private readonly Option<string[]> _loras = new("--lora") { Description = "LoRAs with their heads: PEFT directories or files.", Required = true, AllowMultipleArgumentsPerToken = true, HelpName = "DIR" };
    private readonly Option<string> _out = new("--out") { Description = "Where the pools go, each in a folder of its LoRA's name.", Required = true, HelpName = "DIR" };
    private readonly Option<int> _together = new("--together") { Description = "How many LoRAs share a batch.", DefaultValueFactory = _ => 8 };
    private readonly Option<double> _mask = new("--mask") { Description = "The share of patches that contact sheets mask.", DefaultValueFactory = _ => 0.5 };
    private readonly PrecisionOption _precision = PrecisionOption.Create();
    private readonly InversionOptions _inversion = new();
    private readonly ModelOptions _model = new();
    private readonly JsonOption _json = JsonOption.Create();

    public InvertCommand() : base("invert", "Make synthetic images and masks out of LoRAs and their heads, and a contact sheet to look at.")
    {
        Options.Add(_loras);
        Options.Add(_out);
        _inversion.AddTo(this);
        Options.Add(_together);
        Options.Add(_mask);
        _model.AddTo(this, withAdapter: false);
        Options.Add(_precision);
        Options.Add(_json);
        SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), cancellation));
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "./run invert --lora market/lora-01 --out pools",
        "./run invert --lora market/lora-* --out pools --pruning 5:.5 --canvas 96 --together 16",
    ];

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        if (parsed.GetValue(_together) < 1) throw new UsageException("--together: expected 1 or more.");
        if (parsed.GetValue(_mask) is not (>= 0 and < 1)) throw new UsageException("--mask: expected a share from 0 to under 1.");
        var (settings, device, root) = (_inversion.Settings(parsed), _model.Device(parsed), parsed.GetValue(_out)!);
        var precision = _precision.Of(parsed, device);

        using var scope = torch.NewDisposeScope();
        using var model = FrozenModel.Load(_model.Directory(parsed), device, precision);
        using var prior = _inversion.LoadPrior(parsed, device);
        using var inverter = new LoraInverter(model.Transformer, model.Preprocessor.Config, prior, settings);
        var sources = new List<InversionSource>();
        try
        {
            foreach (var path in parsed.GetValue(_loras)!) sources.Add(Load(path, model.Transformer, device));
            var results = LiveProgress.Run(parsed.InvocationConfiguration.Error, live => new PoolBuilder(inverter, settings, root, parsed.GetValue(_mask))
                .Build(sources, parsed.GetValue(_together), new Relay<PoolProgress>(live, Step), cancellation));
            var report = new InversionReport(
                model.Id, prior is null ? null : _inversion.PriorPath(parsed), device.ToString(), precision.ToString(), Installation.Version, TorchLibrary.Version,
                parsed.GetValue(_together), settings, Stopwatch.GetElapsedTime(started).TotalSeconds, results);
            File.WriteAllBytes(Path.Combine(root, "run.json"), JsonSerializer.SerializeToUtf8Bytes(report, CliJson.Default.InversionReport));
            if (parsed.GetValue(_json))
                CliJson.Write(parsed.InvocationConfiguration.Output, report, CliJson.Default.InversionReport);
            else
                Show(parsed.InvocationConfiguration.Output, report);
            return results.Any(result => result.Failure is null) ? ExitCode.Ok : throw new InversionException($"No LoRA could be inverted. {results[0].Name}: {results[0].Failure}");
        }
        finally
        {
            foreach (var source in sources) source.Adapter.Dispose();
        }
    }

    private static InversionSource Load(string path, VisionTransformer model, torch.Device device)
    {
        var adapter = AdapterCatalog.Default.Load(path, model.AdaptableLayers, device);
        var classes = adapter.ClassNames.Count > 0 ? adapter.ClassNames : [.. Enumerable.Range(0, (int)(adapter.Head?.Classes ?? 0)).Select(label => label.ToString(CultureInfo.InvariantCulture))];
        var name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return new InversionSource(name, adapter, classes);
    }

    /// <summary>Steps of all LoRAs, since those that share a batch end together.</summary>
    private static LiveStep Step(PoolProgress progress)
    {
        var (batch, well) = (progress.Batch, progress.Batch.Losses.Where(float.IsFinite).ToArray());
        var what = progress.Names.Count == 1 ? progress.Names[0] : $"{progress.Names[0]} and {progress.Names.Count - 1} more";
        return new LiveStep(
            what, ((long)progress.Done * batch.Iterations) + ((long)progress.Names.Count * batch.Iteration), (long)progress.Total * batch.Iterations,
            well.Length == 0 ? double.NaN : well.Average());
    }

    private static void Show(TextWriter output, InversionReport report)
    {
        var table = Tables.New("LoRA", "loss", "seconds", "pool");
        foreach (var result in report.Pools)
            table.Row(
                result.Name, result.BestLoss?.ToString("F3", CultureInfo.InvariantCulture) ?? "-", result.Seconds?.ToString("F1", CultureInfo.InvariantCulture) ?? "-",
                result.Directory ?? $"failed: {result.Failure}");
        output.WriteTable(table);
    }
}
