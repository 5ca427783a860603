using LoraRecycle.Core.Method.Tuning.Choices;
using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Core.Method.Tuning.Options;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Tuning.Parts;

/// <summary>Which layers are tuned.</summary>
public sealed class ChoiceTests
{
    [Fact]
    public void Flexoras_numbers_have_a_mean_of_one()
    {
        using var scope = NewDisposeScope();
        using var model = ToyTask.Model();
        var numbers = zeros([12]);
        numbers[0] = (float)Math.Log(3);

        var shares = new LayerSearch(model, new() { Choice = new() { By = Chosen.Blocks } }).Shares(numbers).data<float>().ToArray();

        Assert.Equal((2.571429f, 0.857143f, 1f), (shares[0], shares[1], shares.Average()), Near);
    }

    [Theory]
    [InlineData(Chosen.Layers, 6)]
    [InlineData(Chosen.Blocks, 3)]
    public void A_search_keeps_a_share_of_what_it_weighed_and_tells_the_weights(Chosen by, int units)
    {
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 6, seed: 1);

        using var tuned = ToyTask.Tune(
            model, images, ToyTask.Settings with { Steps = 2, Choice = new() { By = by, Share = 1.0 / 3, SearchSteps = 10 } });

        Assert.Equal(units, tuned.Shares.Count);
        Assert.Equal(2, tuned.Adapter.Layers.Count);
        Assert.All(tuned.Shares.Values, share => Assert.InRange(share, 0.3, 3));
    }

    [Fact]
    public void A_search_over_too_few_images_is_refused()
    {
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 3, seed: 1);

        var refused = Assert.Throws<TuningException>(
            () => ToyTask.Tune(model, images, TuningMethods.Of("diffora").On(ToyTask.Settings)));

        Assert.Contains("at least 4 images of each class", refused.Message, StringComparison.Ordinal);
        Assert.Contains("3 of 'red'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lisa_lets_every_block_move_as_often_as_the_others()
    {
        var blocks = new SampledBlocks(blocks: 6, active: 2, interval: 5, seed: 1);
        var counts = new int[6];
        for (var step = 1; step <= 6000; step++)
        {
            Assert.Equal(step % 5 == 1, blocks.ChangesAt(step));
            foreach (var block in blocks.At(step)) counts[block]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 1800, 2200));
    }

    [Fact]
    public void Lisa_over_all_blocks_is_full_tuning()
    {
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 4, seed: 1);
        var full = ToyTask.Settings with { Steps = 4, Form = new() { Kind = LoraForm.Dense, StoredRank = 64 } };

        using var all = ToyTask.Tune(model, images, full);
        using var sampled = ToyTask.Tune(
            model, images, full with { Choice = new() { By = Chosen.Sampled, Active = 99, Interval = 100 } });

        Assert.Equal(all.Losses, sampled.Losses);
    }

    [Fact]
    public void Lofit_moves_only_as_many_heads_as_it_may()
    {
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 6, seed: 1);
        var settings = TuningMethods.Of("lofit").On(ToyTask.Settings with { Steps = 3 });

        using var tuned = ToyTask.Tune(model, images, settings with { Form = settings.Form with { Heads = 1 } });

        Assert.Single(tuned.Adapter.Layers);
        Assert.EndsWith(".out", tuned.Adapter.Layers.Keys.Single(), StringComparison.Ordinal);
    }

    private static readonly IEqualityComparer<(float, float, float)> Near = EqualityComparer<(float, float, float)>.Create(
        (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) + Math.Abs(a.Item3 - b.Item3) < 1e-4, _ => 0);
}
