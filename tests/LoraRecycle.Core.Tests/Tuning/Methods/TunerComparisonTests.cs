using LoraRecycle.Core.Evaluation.Tuners;
using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Core.Tests.Tuning.Markets;

namespace LoraRecycle.Core.Tests.Tuning.Methods;

/// <summary>Comparisons of tuners on the toy data set.</summary>
public sealed class TunerComparisonTests : IDisposable
{
    private static readonly TunerProbe Probe = new()
    {
        Tasks = 2,
        Ways = 2,
        ForgettingEpisodes = 3,
        LossSteps = [1, 5, 10, 200],
        Settings = new() { Steps = 10, BatchSize = 12, LearningRate = 5e-3 },
    };

    private readonly ToyMarket _toy = new();

    public void Dispose() => _toy.Dispose();

    [Fact]
    public void Every_method_is_measured_on_the_tasks_of_plain_lora()
    {
        var report = Run(Probe, "comp-lora", "lora-pro");

        Assert.Equal(["lora", "comp-lora", "lora-pro"], report.Rows.Select(row => row.Method));
        Assert.All(report.Rows, row =>
        {
            Assert.Equal([1, 5, 10], row.Losses.Keys.Order());
            Assert.Equal((10, 5e-3, (string?)null), (row.Curve.Count, row.LearningRate, row.Failure));
            Assert.InRange(row.HeldOut!.Mean, 0, 1);
            Assert.InRange(row.Forgotten!.Mean, -1, 1);
            Assert.True(row.Numbers > 0 && row.SecondsPerTask > 0);
        });
        Assert.Equal((0, (double?)0), (report.Rows[0].OverLora!.Mean, report.Rows[0].OverLora!.Interval95));
        Assert.Equal(report.Rows[1].HeldOut!.Mean - report.Rows[0].HeldOut!.Mean, report.Rows[1].OverLora!.Mean, 1e-9);
        // All start from the same A, B and head, and see the same first batch.
        Assert.Equal(report.Rows[0].Losses[1], report.Rows[1].Losses[1], 1e-5);
    }

    [Fact]
    public void A_learning_rate_is_chosen_on_other_tasks_for_every_method_alike()
    {
        var report = Run(Probe with { LearningRates = [1e-9, 5e-3], ChoosingTasks = 2, Tasks = 1, ForgettingEpisodes = 0 }, "allora");

        Assert.All(report.Rows, row => Assert.Contains(row.LearningRate, new[] { 1e-9, 5e-3 }));
        Assert.All(report.Rows, row => Assert.Null(row.Forgotten));
        // One task has no spread.
        Assert.All(report.Rows, row => Assert.Null(row.HeldOut!.Interval95));
        Assert.DoesNotContain("±", TunerMarkdown.Of(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rate_at_which_a_method_diverges_is_not_chosen()
    {
        var report = Run(
            Probe with { LearningRates = [1e30, 5e-3], ChoosingTasks = 1, Tasks = 1, ForgettingEpisodes = 0 }, "ba-lora");

        Assert.Equal((5e-3, (string?)null), (report.Rows[1].LearningRate, report.Rows[1].Failure));
        report = Run(Probe with { LearningRates = [1e30, 1e31], ChoosingTasks = 1, Tasks = 1, ForgettingEpisodes = 0 }, "ba-lora");
        Assert.Contains("The loss became", report.Rows[1].Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Episodes_are_tuned_on_one_by_one_and_compared_in_pairs()
    {
        var report = Run(Probe with { Tasks = 1, Shots = 1, Episodes = 3, ForgettingEpisodes = 0 }, "comp-lora");

        Assert.All(report.Rows, row => Assert.InRange(row.Episodes!.Mean, 0.4, 1));
        Assert.All(report.Rows, row => Assert.NotNull(row.Episodes!.Interval95));
        Assert.Equal(report.Rows[1].Episodes!.Mean - report.Rows[0].Episodes!.Mean, report.Rows[1].EpisodesOverLora!.Mean, 1e-9);
        Assert.Contains("1 tasks of 2 classes, 3 episodes", TunerMarkdown.Of(report), StringComparison.Ordinal);
        Assert.Null(Run(Probe with { Tasks = 1, ForgettingEpisodes = 0 }, "comp-lora").Rows[1].Episodes);
    }

    [Fact]
    public void Episodes_that_the_classes_cannot_fill_are_refused_before_anything_is_tuned()
    {
        var refusal = Assert.ThrowsAny<Exception>(() => Run(Probe with { Shots = 10, Episodes = 3 }, "comp-lora"));

        Assert.IsType<Core.DataSets.DataSetException>(refusal);
    }

    [Fact]
    public void A_method_that_diverges_is_told_and_the_others_are_measured()
    {
        var wild = TuningMethods.Of("ba-lora");
        var report = new TunerComparison(_toy.Model, _toy.Images(), ToyMarket.Classes, ToyMarket.Classes, Probe).Run(
            [wild with { Apply = settings => wild.Apply(settings) with { LearningRate = 1e30 } }, TuningMethods.Of("allora")],
            cancellation: TestContext.Current.CancellationToken);

        Assert.Contains("The loss became", report.Rows[1].Failure, StringComparison.Ordinal);
        Assert.Equal((null, null, 0), (report.Rows[1].HeldOut, report.Rows[1].OverLora, report.Rows[1].Curve.Count));
        Assert.NotNull(report.Rows[2].OverLora);
        Assert.Contains("| BA-LoRA (arXiv 2408.04556) | 0.005 | | | | The loss became", TunerMarkdown.Of(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_shots_are_the_first_images_of_every_class()
    {
        using var images = _toy.Images().Train(ToyMarket.Classes, TorchSharp.torch.CPU, TestContext.Current.CancellationToken);
        var all = images.Labels.data<long>().ToArray();
        using var few = FewShots.Of(images, 2);

        Assert.Equal((48, 8), (all.Length, few.Count));
        Assert.All(few.Labels.data<long>().ToArray().GroupBy(label => label), label => Assert.Equal(2, label.Count()));
    }

    [Fact]
    public void The_table_and_the_picture_have_every_method()
    {
        var report = Run(Probe, "comp-lora");
        var (table, picture) = (TunerMarkdown.Of(report), TunerSvg.Of(report));

        Assert.Contains("| method | rate | loss at 1 | loss at 5 | loss at 10 | held out |", table, StringComparison.Ordinal);
        Assert.Equal(2, table.Split("\n").Count(line => line.Contains("arXiv", StringComparison.Ordinal)));
        Assert.Equal(2, System.Xml.Linq.XDocument.Parse(picture).Descendants().Count(element => element.Name.LocalName == "polyline"));
    }

    private TunerReport Run(TunerProbe probe, params string[] methods) =>
        new TunerComparison(_toy.Model, _toy.Images(), ToyMarket.Classes, ToyMarket.Classes, probe).Run(
            [.. methods.Select(TuningMethods.Of)], cancellation: TestContext.Current.CancellationToken);
}
