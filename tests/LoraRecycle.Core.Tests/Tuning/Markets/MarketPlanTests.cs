using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Tests.Tuning.Markets;

public sealed class MarketPlanTests
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 20).Select(i => $"class {i}")];

    [Fact]
    public void A_longer_plan_begins_as_a_shorter_one()
    {
        var plan = new MarketPlan { Loras = 10, Ranks = [2, 4, 8], Seed = 3 };

        var (shorter, longer) = (plan.Draw("x", Names), (plan with { Loras = 12 }).Draw("x", Names));

        Assert.Equal(shorter.Select(Text), longer.Take(10).Select(Text));
        Assert.NotEqual(shorter.Select(Text), (plan with { Seed = 4 }).Draw("x", Names).Select(Text));

        static string Text(LoraTask task) => $"{task.Name} {string.Join(',', task.Classes)} {task.Settings.Rank} {task.Settings.Seed}";
    }

    [Fact]
    public void Tasks_are_of_different_classes_and_cover_all_that_there_are()
    {
        var tasks = new MarketPlan { Loras = 40, Ranks = [2, 4, 8] }.Draw("x", Names);

        Assert.All(tasks, task => Assert.Equal(5, task.Classes.Distinct().Count()));
        Assert.Equal(Names.Order(StringComparer.Ordinal), tasks.SelectMany(task => task.Classes).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal([2, 4, 8], tasks.Select(task => task.Settings.Rank).Distinct().Order());
        Assert.Equal(40, tasks.Select(task => task.Settings.Seed).Distinct().Count());
    }

    [Fact]
    public void A_plan_that_cannot_be_is_refused()
    {
        var plan = new MarketPlan { Loras = 1 };

        Assert.Throws<TuningException>(() => (plan with { Loras = 0 }).Draw("x", Names));
        Assert.Throws<TuningException>(() => (plan with { Ways = 1 }).Draw("x", Names));
        Assert.Throws<TuningException>(() => (plan with { Ways = 21 }).Draw("x", Names));
        Assert.Throws<TuningException>(() => (plan with { Ranks = [] }).Draw("x", Names));
    }

    [Fact]
    public void Held_out_images_are_never_tuned_on()
    {
        string[] images = [.. Enumerable.Range(0, 50).Select(i => $"cup/{i}.jpg")];

        var (train, heldOut) = new HeldOutSplit(0.2, Seed: 1).Of(images);

        Assert.Equal((40, 10), (train.Count, heldOut.Count));
        Assert.Equal(images.Order(StringComparer.Ordinal), train.Concat(heldOut).Order(StringComparer.Ordinal));
        Assert.NotEqual(heldOut, new HeldOutSplit(0.2, Seed: 2).Of(images).HeldOut);
        Assert.Empty(new HeldOutSplit(0.2).Of(["one"]).HeldOut);
        Assert.Throws<DataSetException>(() => new HeldOutSplit(1).Of(images));
    }
}
