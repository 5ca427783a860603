using System.CommandLine;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output.Progress;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Evaluation.Methods;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Reports;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Foundation.Devices;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary>The part of <c>eval</c> that compares methods on the same episodes.</summary>
internal sealed class EvalComparison(ComparisonOptions comparison, BaselineOptions baselines, ModelOptions modelOptions)
{
    // Of what a GPU has, for copies of the model that full fine-tuning makes; of a machine's memory, less.
    private const long BytesOfCopiesOnGpu = 16L << 30;
    private const long BytesOfCopiesOnCpu = 1L << 30;

    /// <param name="parsed">The command line.</param>
    /// <param name="data">The data set.</param>
    /// <param name="part">The part of the split that the classes are.</param>
    /// <param name="classes">The classes of the episodes.</param>
    /// <param name="trainClasses">The training classes; none without a split.</param>
    /// <param name="shapes">The episodes' shapes.</param>
    /// <param name="episodes">Episodes of each shape.</param>
    /// <param name="seed">Of the episodes.</param>
    /// <param name="cancellation">Heard at every step.</param>
    public ComparisonReport Run(
        ParseResult parsed, ImageDataSet data, SplitPart part, IReadOnlyList<ImageClass> classes, IReadOnlyList<ImageClass> trainClasses,
        IReadOnlyList<EpisodeShape> shapes, int episodes, long seed, CancellationToken cancellation)
    {
        var methods = comparison.Methods(parsed, trainClasses.Count > 0);
        var settings = baselines.Settings(parsed, seed, [.. shapes.Select(shape => shape.Shots)], shapes[0].Ways);
        var (metaLoras, slowEpisodes) = (comparison.MetaLoras(parsed, modelOptions.Directory(parsed)), baselines.SlowEpisodes(parsed));
        var images = shapes
            .SelectMany(shape => new FewShotEvaluation(classes, shape, episodes, seed).Images)
            .ToHashSet(StringComparer.Ordinal);
        var usesRealData = methods.Any(name => MethodCatalog.UsesOf(name)!.Value.HasFlag(DataUse.RealData));
        settings.RequireFits(methods, trainClasses);

        TorchLibrary.Load(); // the scope is the first use of torch here
        using var scope = torch.NewDisposeScope();
        using var model = modelOptions.LoadFrozen(parsed);
        var records = comparison.Records(parsed, model.Id);
        var (loras, metas) = (new List<Adapter>(), new List<Adapter>());
        try
        {
            loras.AddRange(comparison.LoadLoras(parsed, records, model));
            metas.AddRange(
                ComparisonOptions.Load(
                    metaLoras,
                    meta => AdapterCatalog.Default.Load(meta.Path, model.Transformer.AdaptableLayers, model.Device)
                )
            );
            IFewShotMethod[] rows =
            [
                .. methods.SelectMany(name => MethodCatalog.Create(name, settings)),
                .. metaLoras.Zip(metas, (meta, adapter) => MethodCatalog.MetaLora(meta.Name, meta.Path, adapter)),
            ];

            HashSet<string> read = [.. images, .. usesRealData ? trainClasses.SelectMany(c => c.Images) : []];
            using var prepared = PreparedImages.Load(
                read,
                data.Read,
                model.Preprocessor,
                model.Device,
                new ImageProgress(parsed.InvocationConfiguration.Error, read.Count),
                cancellation
            );
            var bench = new Bench(model.Transformer, model.Preprocessor.Config, prepared, loras, usesRealData ? trainClasses : [])
            {
                ImagesAtOnce = baselines.ImagesAtOnce(parsed, model),
                BytesOfCopies = model.Device.type == DeviceType.CPU ? BytesOfCopiesOnCpu : BytesOfCopiesOnGpu,
            };
            var results = Run(
                parsed,
                bench,
                rows,
                [.. shapes.Select(shape => EpisodeSet.Draw(classes, shape, episodes, seed, prepared))],
                slowEpisodes,
                cancellation
            );
            var seen = records.Where(lora => lora.DataSet == data.Name).SelectMany(lora => lora.Classes).ToHashSet(StringComparer.Ordinal);
            return new ComparisonReport
            {
                DataSet = data.Name,
                Part = part.ToString().ToLowerInvariant(),
                Classes = classes.Count,
                Images = images.Count,
                Queries = shapes[0].Queries,
                Seed = seed,
                Model = model.Id,
                Revision = model.Revision,
                Market = comparison.Market(parsed),
                Loras = [.. records.Select(lora => lora.Name)],
                SeenClasses = [.. classes.Select(c => c.Name).Where(seen.Contains)],
                Device = model.Device.ToString(),
                Precision = model.Device.type == DeviceType.CPU || baselines.Exact(parsed) ? "float32" : "float32 (products in TF32)",
                Version = ProductVersion.Text,
                Libtorch = TorchLibrary.Version,
                ImagesAtOnce = bench.ImagesAtOnce,
                Methods = results,
            };
        }
        finally
        {
            loras.ForEach(lora => lora.Dispose());
            metas.ForEach(meta => meta.Dispose());
        }
    }

    private MethodResult[] Run(
        ParseResult parsed,
        Bench bench,
        IFewShotMethod[] rows,
        IReadOnlyList<EpisodeSet> shapes,
        int slowEpisodes,
        CancellationToken cancellation
    )
    {
        var before = torch.backends.cuda.matmul.allow_tf32;
        torch.backends.cuda.matmul.allow_tf32 = !baselines.Exact(parsed);
        try
        {
            var run = new Comparison(bench, shapes, slowEpisodes);
            return LiveProgress.Run(parsed.InvocationConfiguration.Error, live => rows.Index().Select(row => run.Run(
                row.Item,
                new InlineProgress<ComparisonProgress>(step => live.Report(Step(row.Index, rows.Length, step))),
                cancellation)).ToArray());
        }
        finally
        {
            torch.backends.cuda.matmul.allow_tf32 = before;
        }
    }

    private static LiveStep Step(int row, int rows, ComparisonProgress step) =>
        new($"{row + 1} of {rows}: {step.Method}, {step.Stage}", step.Done, step.Episodes, Loss: null);
}
