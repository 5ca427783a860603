using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Inversion;

public sealed class LoraInverterTests
{
    [Fact]
    public void A_lora_recognises_the_images_that_were_made_from_it()
    {
        using var fixture = new InversionFixture();
        var source = fixture.Source("lora_qv");
        // Without rolls and flips, what the loss was measured on is what is kept.
        var settings = InversionFixture.Settings with { Iterations = 60, ReportEvery = 10, Jitter = 0, FlipProbability = 0 };
        using var pool = fixture.Invert(settings, source)[0].Pool!;
        Assert.Equal([6, 3, 32, 32], pool.Images.shape);
        Assert.Equal([0, 0, 1, 1, 2, 2], pool.Labels.data<long>().ToArray());
        Assert.Equal(6, pool.Info.Losses.Count);
        Assert.True(pool.Info.BestLoss < 0.1, $"loss {pool.Info.BestLoss}");

        fixture.Model.Attach(source.Adapter);
        using var space = new PixelSpace(InversionFixture.Preprocessor, CPU);
        var predicted = source.Adapter.Head!.call(fixture.Model.call(space.FromBytes(pool.Images)).Embedding).argmax(1);
        Assert.Equal(pool.Labels.data<long>().ToArray(), predicted.data<long>().ToArray());
    }

    [Theory]
    [InlineData("vera")]
    [InlineData("randlora")]
    [InlineData("loha")]
    [InlineData("lokr")]
    [InlineData("ia3")]
    [InlineData("oft")]
    [InlineData("boft")]
    [InlineData("hra")]
    [InlineData("fourierft")]
    [InlineData("vblora")]
    [InlineData("kasa")]
    [InlineData("bdlora")]
    [InlineData("lora_bias_b")]
    [InlineData("hra_bias")]
    public void An_adapter_of_any_family_is_inverted_alone(string name)
    {
        using var fixture = new InversionFixture();
        using var pool = fixture.Invert(InversionFixture.Settings, fixture.Source(name))[0].Pool!;
        Assert.Equal([6, 3, 32, 32], pool.Images.shape);
        Assert.True(pool.Info.BestLoss < pool.Info.Losses[0], $"loss {pool.Info.BestLoss} after {pool.Info.Losses[0]}");
    }

    [Fact]
    public void Loras_inverted_together_give_what_each_gives_alone()
    {
        using var fixture = new InversionFixture();
        var settings = InversionFixture.Settings with { Iterations = 4 };
        var (first, second) = (fixture.Source("lora_qv"), fixture.Source("rslora_all"));
        using var prior = InversionFixture.Prior();
        var batched = fixture.Invert(settings, prior, first, second);
        foreach (var (source, grouped) in new[] { first, second }.Zip(batched))
        {
            using var alone = fixture.Invert(settings, prior, source)[0].Pool!;
            Assert.InRange(MeanDifference(alone.Images, grouped.Pool!.Images), 0, 1);
            Assert.All(alone.Info.Losses.Zip(grouped.Pool.Info.Losses), pair => Assert.Equal(pair.First, pair.Second, pair.First * 1e-2));
            grouped.Pool.Dispose();
        }
    }

    [Fact]
    public void One_lora_that_diverges_stops_alone()
    {
        using var fixture = new InversionFixture();
        var (good, bad) = (fixture.Source("lora_qv"), fixture.Source("rslora_all", change: weight => weight.mul(1e30)));
        var outcomes = fixture.Invert(InversionFixture.Settings, bad, good);
        Assert.Null(outcomes[0].Pool);
        Assert.Contains("iteration 0", outcomes[0].Failure, StringComparison.Ordinal);
        Assert.Null(outcomes[1].Failure);
        using var alone = fixture.Invert(InversionFixture.Settings, good)[0].Pool!;
        using var beside = outcomes[1].Pool!;
        Assert.InRange(MeanDifference(alone.Images, beside.Images), 0, 3);
    }

    [Fact]
    public void The_same_seed_gives_the_same_images_and_another_seed_others()
    {
        using var fixture = new InversionFixture();
        var source = fixture.Source("lora_qv");
        using var first = fixture.Invert(InversionFixture.Settings, source)[0].Pool!;
        using var again = fixture.Invert(InversionFixture.Settings, source)[0].Pool!;
        using var other = fixture.Invert(InversionFixture.Settings with { Seed = 4 }, source)[0].Pool!;
        Assert.Equal(first.Images.data<byte>().ToArray(), again.Images.data<byte>().ToArray());
        Assert.True(MeanDifference(first.Images, other.Images) > 10);
    }

    [Fact]
    public void The_prior_makes_images_more_natural_by_its_own_measure()
    {
        using var fixture = new InversionFixture();
        var source = fixture.Source("lora_qv");
        using var prior = InversionFixture.Prior();
        using var space = new PixelSpace(InversionFixture.Preprocessor, CPU);
        using var with = fixture.Invert(InversionFixture.Settings with { PriorWeight = 1 }, prior, source)[0].Pool!;
        using var without = fixture.Invert(InversionFixture.Settings with { PriorWeight = 0 }, prior, source)[0].Pool!;
        Assert.True(Deviation(with) < 0.9 * Deviation(without), $"{Deviation(with)} with, {Deviation(without)} without");

        float Deviation(SyntheticPool pool) => prior.call(space.ToPrior(space.FromBytes(pool.Images))).item<float>();
    }

    [Fact]
    public void A_wish_for_diversity_drives_embeddings_of_a_class_apart()
    {
        using var fixture = new InversionFixture();
        var source = fixture.Source("lora_qv");
        using var alike = fixture.Invert(InversionFixture.Settings with { Iterations = 30 }, source)[0].Pool!;
        using var diverse = fixture.Invert(InversionFixture.Settings with { Iterations = 30, DiversityWeight = 5 }, source)[0].Pool!;
        Assert.True(Cosine(diverse) < Cosine(alike) - 0.05, $"{Cosine(diverse)} against {Cosine(alike)}");

        double Cosine(SyntheticPool pool)
        {
            fixture.Model.Attach(source.Adapter);
            using var space = new PixelSpace(InversionFixture.Preprocessor, CPU);
            var directions = nn.functional.normalize(fixture.Model.call(space.FromBytes(pool.Images)).Embedding).detach();
            fixture.Model.Detach();
            return Enumerable
                .Range(0, InversionFixture.Classes)
                .Average(label => directions[2 * label].mul(directions[(2 * label) + 1]).sum().item<float>());
        }
    }

    [Fact]
    public void Pruned_patches_have_no_saliency_and_are_masked_first()
    {
        using var fixture = new InversionFixture();
        using var pool = fixture
            .Invert(InversionFixture.Settings with { Pruning = TokenPruning.Parse("1:.5") }, fixture.Source("lora_qv"))[0]
            .Pool!;
        Assert.Equal(0.5, pool.PrunedShare, 6);
        Assert.Equal([6, 4], pool.Kept(0.75).shape);
        Assert.True(pool.Saliency.gather(1, pool.Kept(0.5)).gt(0).all().item<bool>());
    }

    [Fact]
    public void A_canvas_larger_than_the_input_is_filled_and_looked_at_everywhere()
    {
        using var fixture = new InversionFixture();
        using var pool = fixture.Invert(InversionFixture.Settings with { Canvas = 48 }, fixture.Source("lora_qv"))[0].Pool!;
        Assert.Equal([6, 3, 48, 48], pool.Images.shape);
        Assert.Equal([6, 36], pool.Saliency.shape);
        Assert.True(pool.Saliency.gt(0).all().item<bool>());
    }

    [Fact]
    public void Mixed_labels_aim_at_two_classes_and_stay_distributions()
    {
        using var scope = NewDisposeScope();
        var targets = InversionTargets.Of(4, InversionFixture.Settings with { ImagesPerClass = 10, MixedLabels = 0.3 });
        Assert.True(allclose(targets.sum(1), ones([40])));
        Assert.Equal(InversionTargets.Labels(4, 10), targets.argmax(1).data<long>().ToArray());
        Assert.Equal(12, targets.gt(0).to(ScalarType.Int64).sum(1).eq(2).to(ScalarType.Int64).sum().item<long>());
    }

    private static double MeanDifference(Tensor first, Tensor second) =>
        first.to(ScalarType.Float32).sub(second.to(ScalarType.Float32)).abs().mean().item<float>();
}
