using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Cli.Output.Progress;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Calibration;
using LoraRecycle.Core.Evaluation.Reports;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary>Measures few-shot accuracy over seeded episodes of a data set.</summary>
internal sealed class EvalCommand : Command, IVerb
{
    private readonly Option<string> _data = new("--data")
    {
        Description = "Class folders: a directory, or a ZIP of class/file.",
        Required = true,
        HelpName = "DIR|ZIP",
    };
    private readonly Option<string?> _split = new("--split")
    {
        Description = "A split file, which lists data sets by file name; without it, all classes are used.",
        HelpName = "FILE",
    };
    private readonly Option<SplitPart?> _part = new("--part")
    {
        Description = "The part of the split: test (the default with --split), val, train, or all.",
    };
    private readonly Option<int> _episodes = new("--episodes")
    {
        Description = "Episodes for each number of shots.",
        DefaultValueFactory = _ => 600,
    };
    private readonly EpisodeOptions _shape = new(ways: 5, shots: "1,5", queries: 15);
    private readonly ComparisonOptions _comparison = new();
    private readonly BaselineOptions _baselines = new();
    private readonly ModelOptions _model = new();
    private readonly Option<string?> _reliability = new("--reliability")
    {
        Description = "Draw a reliability diagram (accuracy by predicted probability, before and after calibration) as SVG.",
        HelpName = "FILE.svg",
    };
    private readonly JsonOption _json = JsonOption.Create();
    private readonly EvalRejection _rejection;

    public EvalCommand() : base("eval", "Measure few-shot accuracy, with its 95 % interval, over seeded episodes of a data set.")
    {
        Options.Add(_data);
        Options.Add(_split);
        Options.Add(_part);
        _shape.AddTo(this);
        Options.Add(_episodes);
        _comparison.AddTo(this);
        _baselines.AddTo(this);
        _rejection = new EvalRejection(_shape, _model);
        _rejection.AddTo(this);
        _model.AddTo(this, withPrecision: true);
        Options.Add(_reliability);
        Options.Add(_json);
        SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), cancellation));
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "./run eval --data data/caltech101-72.zip",
        "./run eval --data data/omniglot-small.zip --split data/splits.json --part test --ways 5 --shots 1,5 --episodes 600",
        "./run eval --data photographs/ --ways 3 --queries 5 --adapter my-lora --json",
        "./run eval --data data/caltech101-72.zip --split data/splits.json --market my-market --meta-lora mine=my-meta-lora "
            + "--markdown table.md",
        "./run eval --data data/caltech101-72.zip --split data/splits.json --methods nn,linear,lora-linear,pmf",
        "./run eval --data data/caltech101-72.zip --split data/splits.json --adapter caltech --reject --episodes 200",
        "./run eval --data data/caltech101-72.zip --split data/splits.json --ways 20 --reliability reliability.svg",
    ];

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        using var data = NamedDataSet.Open(parsed, parsed.GetValue(_data)!);
        var part = Part(parsed);
        var split = parsed.GetValue(_split) is { } file ? DataSetSplits.Load(file) : null;
        var classes = split is null ? data.Classes : data.Select(split.Classes(data.Name, part));
        var output = parsed.InvocationConfiguration.Output;
        if (_comparison.IsWanted(parsed))
        {
            Compare(parsed, data, part, classes, split is null ? [] : data.Select(split.Classes(data.Name, SplitPart.Train)), cancellation);
            return ExitCode.Ok;
        }
        if (_rejection.IsWanted(parsed))
        {
            var rejection = _rejection.Run(parsed, data, part, classes, parsed.GetValue(_episodes), cancellation);
            if (parsed.GetValue(_json))
                CliJson.Write(output, rejection, CliJson.Default.RejectionReport);
            else
                EvalRejection.Show(output, rejection);
            return ExitCode.Ok;
        }

        FewShotEvaluation[] evaluations =
        [
            .. _shape
                .Shapes(parsed)
                .Select(shape => new FewShotEvaluation(classes, shape, parsed.GetValue(_episodes), _shape.Seed(parsed))),
        ];
        var images = evaluations.SelectMany(e => e.Images).ToHashSet(StringComparer.Ordinal);

        if (
            parsed.GetValue(_reliability) is { } svg
            && Path.GetDirectoryName(Path.GetFullPath(svg)) is var drawings
            && !Directory.Exists(drawings)
        )
            throw new UsageException($"--reliability {svg}: no folder '{drawings}'.");
        using var model = _model.Load(parsed);
        var calibration = _model.Calibration(parsed, model);
        var progress = new ImageProgress(parsed.InvocationConfiguration.Error, images.Count);
        var embeddings = new BatchEmbedder(model, new ImageDecoder(new ImageDecoderOptions())).Embed(
            images,
            data.Read,
            progress,
            cancellation
        );
        var report = new EvaluationReport(
            data.Name,
            part.ToString().ToLowerInvariant(),
            classes.Count,
            images.Count,
            model.Id,
            model.Revision,
            _model.Adapter(parsed),
            _shape.Seed(parsed),
            CalibrationNames.Of(calibration.Source),
            [.. evaluations.Select(e => e.Report(embeddings, calibration.Calibration, cancellation))]);
        if (parsed.GetValue(_reliability) is { } drawing)
            File.WriteAllText(drawing, ReliabilitySvg.Of(report));

        if (parsed.GetValue(_json))
            CliJson.Write(output, report, CliJson.Default.EvaluationReport);
        else
            Show(output, report);
        return ExitCode.Ok;
    }

    private void Compare(
        ParseResult parsed,
        ImageDataSet data,
        SplitPart part,
        IReadOnlyList<ImageClass> classes,
        IReadOnlyList<ImageClass> trainClasses,
        CancellationToken cancellation
    )
    {
        if (_model.Adapter(parsed) is { } adapter)
            throw new UsageException(
                $"--adapter {adapter}: methods are compared on the bare model; give the adapter a row with --meta-lora NAME={adapter}."
            );
        if (
            _comparison.Markdown(parsed) is { } file
            && Path.GetDirectoryName(Path.GetFullPath(file)) is var folder
            && !Directory.Exists(folder)
        )
            throw new UsageException($"--markdown {file}: no folder '{folder}'.");
        var report = new EvalComparison(_comparison, _baselines, _model).Run(
            parsed,
            data,
            part,
            classes,
            trainClasses,
            _shape.Shapes(parsed),
            parsed.GetValue(_episodes),
            _shape.Seed(parsed),
            cancellation
        );
        if (_comparison.Markdown(parsed) is { } markdown)
            using (var writer = new StreamWriter(markdown))
                ComparisonTable.WriteMarkdown(writer, report);
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_json))
        {
            CliJson.Write(output, report, CliJson.Default.ComparisonReport);
            return;
        }
        output.WriteLine(ComparisonTable.Heading(report));
        output.WriteTable(ComparisonTable.Of(report));
        foreach (var failed in report.Methods.Where(method => method.Failure is not null))
            output.WriteLine($"{failed.Title}: {failed.Failure}");
    }

    private SplitPart Part(ParseResult parsed) =>
        (parsed.GetValue(_split), parsed.GetValue(_part)) switch
        {
            (null, null or SplitPart.All) => SplitPart.All,
            (null, var part) => throw new UsageException(
                $"--part {part.ToString()!.ToLowerInvariant()} needs --split, the file that lists the classes of each part."
            ),
            (_, var part) => part ?? SplitPart.Test,
        };

    private static void Show(TextWriter output, EvaluationReport report)
    {
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{report.DataSet}: {report.Classes} classes ({report.Part}), {report.Images:N0} images; "
                    + $"{report.Model}{(report.Adapter is null ? "" : $" + {report.Adapter}")}; seed {report.Seed}; calibration: "
                    + $"{report.Calibration}"
            )
        );
        var table = Tables.New("episodes", "shape", "queries", "accuracy %", "95 % interval", "confidence %", "ECE", "ECE uncalibrated");
        foreach (var r in report.Results)
            table.Row(
                r.Episodes.ToString(CultureInfo.InvariantCulture),
                $"{r.Ways}-way {r.Shots}-shot",
                r.Queries.ToString(CultureInfo.InvariantCulture),
                Tables.Percent(r.Accuracy),
                "± " + Tables.Percent(r.Interval95),
                Tables.Percent(r.Calibrated.MeanConfidence),
                Error(r.Calibrated),
                Error(r.Uncalibrated)
            );
        output.WriteTable(table);

        static string Error(Reliability reliability) =>
            reliability.ExpectedCalibrationError.ToString("0.000", CultureInfo.InvariantCulture);
    }
}
