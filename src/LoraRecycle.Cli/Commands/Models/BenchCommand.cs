using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Benchmarks;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Foundation.Devices;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary>Measures how many images a second the model embeds.</summary>
internal sealed class BenchCommand : ResultVerb<BenchReport>
{
    private readonly Option<string> _batches = new("--batches") { Description = "Batch sizes.", DefaultValueFactory = _ => "1,8,32" };
    private readonly Option<double> _seconds = new("--seconds")
    {
        Description = "Seconds to measure each batch size.",
        DefaultValueFactory = _ => 3,
    };
    private readonly ModelOptions _model = new();

    public BenchCommand()
        : base("bench", "Measure the model's forward pass: images per second at several batch sizes.", CliJson.Default.BenchReport)
    {
        Options.Add(_batches);
        Options.Add(_seconds);
        _model.AddTo(this, withPrecision: true);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } = ["./run bench", "./run bench --batches 1,8,64,256 --device cuda --json"];

    protected override BenchReport Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var batches = NumberList.Parse("--batches", parsed.GetValue(_batches)!);
        if (parsed.GetValue(_seconds) is not (> 0 and <= 3600) and var seconds)
            throw new UsageException($"--seconds {seconds.ToString(CultureInfo.InvariantCulture)}: expected more than 0 and at most 3600.");
        using var model = _model.Load(parsed);
        var benchmark = new ForwardBenchmark(model, TimeSpan.FromSeconds(parsed.GetValue(_seconds)), TimeProvider.System);
        return new BenchReport(
            model.Id,
            model.Device.ToString(),
            model.Precision.ToString().ToLowerInvariant(),
            TorchLibrary.VersionAndPlace,
            torch.get_num_threads(),
            [.. batches.Select(batch => benchmark.Run(batch, cancellation))]
        );
    }

    protected override void Show(TextWriter output, BenchReport result, ParseResult parsed)
    {
        output.WriteLine($"{result.Model} on {result.Device} in {result.Precision}, {result.Threads} threads, {result.Library}");
        var table = Tables.New("batch", "images/s", "ms per batch (median)", "batches measured");
        foreach (var r in result.Results)
            table.Row(
                r.Batch.ToString(CultureInfo.InvariantCulture), r.ImagesPerSecond.ToString("0.0", CultureInfo.InvariantCulture),
                r.MedianMs.ToString("0.00", CultureInfo.InvariantCulture), r.Runs.ToString(CultureInfo.InvariantCulture));
        output.WriteTable(table);
    }
}
