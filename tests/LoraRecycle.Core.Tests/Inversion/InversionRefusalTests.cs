using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Tests.Inversion;

public sealed class InversionRefusalTests
{
    [Fact]
    public void A_lora_without_a_head_is_refused()
    {
        using var fixture = new InversionFixture();
        var source = fixture.Source("lora_qv");
        using var bare = new Adapter("lora", "", new Dictionary<string, LayerAdapter>());
        Refused(fixture, "no classification head", source with { Adapter = bare });
    }

    [Fact]
    public void A_head_for_another_model_is_refused_with_both_widths()
    {
        using var fixture = new InversionFixture();
        Refused(fixture, "vectors of 32; the model's embeddings have 48", fixture.Source("lora_qv", width: 32));
    }

    [Fact]
    public void One_class_is_refused()
    {
        using var fixture = new InversionFixture();
        Refused(fixture, "1 class", fixture.Source("lora_qv", classes: 1));
    }

    [Fact]
    public void Names_that_do_not_match_the_head_are_refused()
    {
        using var fixture = new InversionFixture();
        Refused(fixture, "2 names", fixture.Source("lora_qv") with { Classes = ["a", "b"] });
    }

    [Fact]
    public void Weights_that_are_not_finite_are_refused_by_name()
    {
        using var fixture = new InversionFixture();
        Refused(fixture, "head.weight", fixture.Source("lora_qv", change: weight => weight.div(0)));
    }

    [Fact]
    public void Loras_of_different_numbers_of_classes_do_not_share_a_batch()
    {
        using var fixture = new InversionFixture();
        Refused(fixture, "the same number of classes", fixture.Source("lora_qv"), fixture.Source("rslora_all", classes: 4));
        Refused(fixture, "at least one");
    }

    [Fact]
    public void Settings_out_of_their_range_are_refused_before_any_work()
    {
        using var fixture = new InversionFixture();
        var good = InversionFixture.Settings;
        foreach (
            var bad in new[]
            {
                good with
                {
                    Iterations = 0,
                },
                good with
                {
                    ImagesPerClass = 0,
                },
                good with
                {
                    LearningRate = double.NaN,
                },
                good with
                {
                    Beta2 = 1,
                },
                good with
                {
                    PriorWeight = -1,
                },
                good with
                {
                    Jitter = 0.6,
                },
                good with
                {
                    FlipProbability = 2,
                },
                good with
                {
                    Canvas = 31,
                },
                good with
                {
                    Canvas = 36,
                },
                good with
                {
                    MixedLabels = 1.5,
                },
                good with
                {
                    DiversityWeight = double.PositiveInfinity,
                },
                good with
                {
                    ReportEvery = 0,
                },
            }
        )
            Assert.Throws<InversionException>(() => new LoraInverter(fixture.Model, InversionFixture.Preprocessor, null, bad));
        Assert.Throws<ModelException>(() =>
            new LoraInverter(fixture.Model, InversionFixture.Preprocessor, null, good with { Pruning = TokenPruning.Parse("9:.5") })
        );
    }

    private static void Refused(InversionFixture fixture, string reason, params InversionSource[] sources)
    {
        var error = Assert.Throws<InversionException>(() => fixture.Invert(InversionFixture.Settings, sources));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
