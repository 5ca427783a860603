using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Markets;

namespace LoraRecycle.Core.Tests.Tuning.Markets;

public sealed class MarketBuilderTests : IDisposable
{
    private readonly ToyMarket _toy = new();

    public void Dispose() => _toy.Dispose();

    [Fact]
    public void A_built_market_holds_loras_that_know_images_they_were_not_tuned_on()
    {
        var report = _toy.Build(ToyMarket.Tasks(3));

        Assert.Equal((3, 0, 0), (report.Built.Count, report.Skipped.Count, report.Failed.Count));
        Assert.All(report.Built, lora =>
        {
            Assert.Equal((36, 12), (lora.TrainImages, lora.HeldOutImages));
            Assert.InRange(lora.HeldOutAccuracy!.Value, 0.75, 1);
            Assert.Equal(("tints", "tiny", "Float16"), (lora.DataSet, lora.Model, lora.DType));
        });
        Assert.Equal(["tints-000", "tints-001", "tints-002"], Market.Open(_toy.Path).Loras.Select(lora => lora.Name));
        Assert.Equal(
            ["adapter_config.json", "adapter_model.safetensors", "classes.json", "head.safetensors", "run.json"],
            Directory.GetFiles(Path.Combine(_toy.Path, "tints-000")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_finished_is_passed_over_and_a_longer_plan_adds_to_it()
    {
        var first = _toy.Build(ToyMarket.Tasks(2, steps: 2));
        var second = _toy.Build(ToyMarket.Tasks(3, steps: 2));

        Assert.Equal(["tints-000", "tints-001"], second.Skipped);
        Assert.Equal(["tints-002"], second.Built.Select(lora => lora.Name));
        Assert.Equal(first.Built.Select(lora => lora.Revision), Market.Open(_toy.Path).Loras.Take(2).Select(lora => lora.Revision));
    }

    [Fact]
    public void A_build_stopped_midway_ends_as_one_that_was_not()
    {
        using var whole = new ToyMarket();
        var expected = whole.Build(ToyMarket.Tasks(3, steps: 4)).Built.Select(lora => lora.Revision).ToArray();
        using var cancellation = new CancellationTokenSource();
        var stop = new Recorder<MarketProgress>(progress =>
        {
            if (progress is { Name: "tints-001", Tuning.Step: 2 }) cancellation.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() => _toy.Build(ToyMarket.Tasks(3, steps: 4), stop, cancellation.Token));
        Assert.Equal(["tints-000"], Market.Open(_toy.Path).Loras.Select(lora => lora.Name));
        _toy.Build(ToyMarket.Tasks(3, steps: 4));

        Assert.Equal(expected, Market.Open(_toy.Path).Loras.Select(lora => lora.Revision));
        Assert.Equal(3, Directory.GetDirectories(_toy.Path).Length);
    }

    [Fact]
    public void A_lora_finished_but_not_yet_listed_is_taken_in()
    {
        var built = _toy.Build(ToyMarket.Tasks(1, steps: 2)).Built[0];
        File.Delete(Path.Combine(_toy.Path, Market.FileName));

        var report = _toy.Build(ToyMarket.Tasks(1, steps: 2));

        Assert.Equal(["tints-000"], report.Skipped);
        Assert.Equal(built.Revision, Assert.Single(Market.Open(_toy.Path).Loras).Revision);
    }

    [Fact]
    public void A_lora_that_diverges_is_reported_and_the_others_go_on()
    {
        var tasks = ToyMarket.Tasks(3, steps: 20);
        LoraTask[] withOneWild = [tasks[0], tasks[1] with { Settings = tasks[1].Settings with { LearningRate = 1e30 } }, tasks[2]];

        var report = _toy.Build(withOneWild);

        Assert.Equal(["tints-000", "tints-002"], report.Built.Select(lora => lora.Name));
        var failure = Assert.Single(report.Failed);
        Assert.Equal("tints-001", failure.Name);
        Assert.Contains("of 20; lower the learning rate", failure.Reason, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_toy.Path, "tints-001")));
    }

    [Fact]
    public void Another_lora_under_the_same_name_is_not_overwritten()
    {
        _toy.Build(ToyMarket.Tasks(1, steps: 2));
        var seen = new Recorder<MarketProgress>();

        var refusal = Assert.Throws<MarketException>(() => _toy.Build(ToyMarket.Tasks(2, steps: 3), seen));

        Assert.Contains("another LoRA 'tints-000'", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(seen.Reports);
    }

    [Fact]
    public void Loras_of_several_ranks_and_targets_load_from_one_market()
    {
        var tasks = ToyMarket.Tasks(6, steps: 1);
        _toy.Build(tasks);
        var market = Market.Open(_toy.Path);
        var layers = _toy.Model.Transformer.AdaptableLayers;

        foreach (var (task, lora) in tasks.Zip(market.Loras))
        {
            using var adapter = market.Load(lora, layers);
            Assert.Equal(task.Classes, adapter.ClassNames);
            Assert.Equal(task.Settings.Targets.Count * 3, adapter.Layers.Count);
            Assert.All(
                adapter.Layers.Values,
                layer => Assert.Equal((task.Settings.Rank, 1.0), (((LoraLayer)layer).Rank, ((LoraLayer)layer).Scale))
            );
        }

        Assert.True(tasks.Select(task => task.Settings.Rank).Distinct().Count() > 1);
        Assert.Equal(2, tasks.Select(task => task.Settings.Targets.Count).Distinct().Count());
    }
}
