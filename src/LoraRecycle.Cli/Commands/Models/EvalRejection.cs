using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Cli.Output.Progress;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Calibration;
using LoraRecycle.Core.Evaluation.Reports;
using LoraRecycle.Core.FewShot.Rejection;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary><c>eval --reject</c>: how well queries of classes that are not in the support set are told from the others.</summary>
internal sealed class EvalRejection(EpisodeOptions shape, ModelOptions model)
{
    private const double UsualTarget = 0.05;

    private readonly Option<double?> _reject = new("--reject")
    {
        Description =
            $"Instead of accuracy, measure how queries of unknown classes are rejected (AUROC, error rates); the target is the share of "
                + $"known queries that may be rejected, {UsualTarget} by default.",
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "TARGET",
    };

    public void AddTo(Command command) => command.Options.Add(_reject);

    public bool IsWanted(ParseResult parsed) => parsed.GetResult(_reject) is not null;

    public RejectionReport Run(
        ParseResult parsed,
        ImageDataSet data,
        SplitPart part,
        IReadOnlyList<ImageClass> classes,
        int episodes,
        CancellationToken cancellation
    )
    {
        var target = parsed.GetValue(_reject) ?? UsualTarget;
        if (!(target is > 0 and <= RejectionThreshold.LargestRate))
            throw new UsageException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"--reject {target}: expected a share above 0 and at most {RejectionThreshold.LargestRate}."
                )
            );
        RejectionEvaluation[] evaluations =
        [
            .. shape.Shapes(parsed).Select(one => new RejectionEvaluation(classes, one, episodes, shape.Seed(parsed))),
        ];
        var images = evaluations.SelectMany(evaluation => evaluation.Images).ToHashSet(StringComparer.Ordinal);
        using var loaded = model.Load(parsed);
        var progress = new ImageProgress(parsed.InvocationConfiguration.Error, images.Count);
        var embeddings = new BatchEmbedder(loaded, new ImageDecoder(new ImageDecoderOptions())).Embed(
            images,
            data.Read,
            progress,
            cancellation
        );
        return new RejectionReport(
            data.Name,
            part.ToString().ToLowerInvariant(),
            classes.Count,
            images.Count,
            loaded.Id,
            loaded.Revision,
            model.Adapter(parsed),
            shape.Seed(parsed),
            [.. evaluations.Select(evaluation => evaluation.Run(embeddings, target, cancellation))]
        );
    }

    public static void Show(TextWriter output, RejectionReport report)
    {
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{report.DataSet}: {report.Classes} classes ({report.Part}), {report.Images:N0} images; "
                    + $"{report.Model}{(report.Adapter is null ? "" : $" + {report.Adapter}")}; seed {report.Seed}"
            )
        );
        var table = Tables.New("episodes", "shape", "AUROC %", "target %", "known rejected %", "unknown accepted %");
        foreach (var r in report.Results)
            table.Row(
                r.Episodes.ToString(CultureInfo.InvariantCulture),
                $"{r.Ways}-way {r.Shots}-shot",
                Rate(r.Auroc, r.AurocInterval95),
                Tables.Percent(r.Target),
                Rate(r.FalseRejections, r.FalseRejectionsInterval95),
                Rate(r.FalseAcceptances, r.FalseAcceptancesInterval95)
            );
        output.WriteTable(table);
    }

    private static string Rate(double mean, double interval) => $"{Tables.Percent(mean)} ± {Tables.Percent(interval)}";
}
