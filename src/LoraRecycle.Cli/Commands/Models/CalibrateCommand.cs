using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output.Progress;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Calibration;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.Hub;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary>Fits what makes probabilities of distances, and writes it beside the weights.</summary>
internal sealed class CalibrateCommand : ResultVerb<CalibrationFile>
{
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Data sets to fit on: class folders, as directories or ZIPs.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "DIR|ZIP",
    };
    private readonly Option<string?> _split = new("--split")
    {
        Description = "A split file, which lists data sets by file name; without it, all classes are used.",
        HelpName = "FILE",
    };
    private readonly Option<SplitPart> _part = new("--part")
    {
        Description = "The part of the split: val or train. test is refused, because it must stay unseen for measurements.",
        DefaultValueFactory = _ => SplitPart.Val,
    };
    private readonly Option<int> _episodes = new("--episodes")
    {
        Description = "Episodes for each shape, data set and view of its images.",
        DefaultValueFactory = _ => CalibrationFitter.UsualEpisodes,
    };
    private readonly Option<long> _seed = new("--seed")
    {
        Description = "The same seed fits the same calibration.",
        DefaultValueFactory = _ => 0,
    };
    private readonly ModelOptions _model = new();

    public CalibrateCommand()
        : base(
            "calibrate",
            "Calibrate the probabilities of a model or meta-LoRA on labelled classes; writes calibration.json beside its weights.",
            CalibrationFile.Json
        )
    {
        foreach (var option in new Option[] { _data, _split, _part, _episodes, _seed })
            Options.Add(option);
        _model.AddTo(this, withPrecision: true);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run calibrate --data data/caltech101-72.zip data/omniglot-small.zip --split data/splits.json",
        "./run calibrate --data data/caltech101-72.zip data/omniglot-small.zip --split data/splits.json --part val --adapter default",
        "./run calibrate --data my-photographs/ --adapter models/meta-loras/mine",
    ];

    protected override CalibrationFile Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var (part, split, seed) = (
            parsed.GetValue(_part),
            parsed.GetValue(_split) is { } file ? DataSetSplits.Load(file) : null,
            parsed.GetValue(_seed)
        );
        if (split is not null && part is SplitPart.Test or SplitPart.All)
            throw new UsageException(
                $"--part {part.ToString().ToLowerInvariant()}: a calibration that saw the test classes cannot be measured on them; "
                    + "expected val or train."
            );
        if (parsed.GetValue(_episodes) < 1)
            throw new UsageException($"--episodes {parsed.GetValue(_episodes)}: expected at least 1.");
        var (sets, weights) = (new List<ImageDataSet>(), _model.Weights(parsed));
        try
        {
            sets.AddRange(parsed.GetValue(_data)!.Select(path => NamedDataSet.Open(parsed, path)));
            (ImageDataSet Set, IReadOnlyList<ImageClass> Classes)[] chosen =
                [.. sets.Select(set => (set, split is null ? set.Classes : set.Select(split.Classes(set.Name, part))))];
            using var model = _model.Load(parsed);
            var images = new List<CalibrationImages>();
            foreach (var (set, classes) in chosen)
            {
                var name = split is null ? set.Name : $"{set.Name} {part.ToString().ToLowerInvariant()}";
                var progress = new ImageProgress(
                    parsed.InvocationConfiguration.Error,
                    CalibrationImages.Views * classes.Sum(one => one.Images.Count)
                );
                images.AddRange(CalibrationImages.Embed(model, name, classes, set.Read, progress, cancellation));
            }
            var fitted = CalibrationFitter.Fit(model, images, parsed.GetValue(_episodes), seed, cancellation);
            HubCache.Detach(weights, CalibrationFile.Name);
            fitted.Write(weights);
            return fitted;
        }
        finally
        {
            sets.ForEach(set => set.Dispose());
        }
    }

    protected override void Show(TextWriter output, CalibrationFile result, ParseResult parsed) =>
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.Combine(_model.Weights(parsed), CalibrationFile.Name)}: expected calibration error "
                    + $"{result.FittedOn.ErrorBefore:0.000} before, {result.FittedOn.ErrorAfter:0.000} after, on "
                    + $"{string.Join(", ", result.FittedOn.Data)}"
            )
        );
}
