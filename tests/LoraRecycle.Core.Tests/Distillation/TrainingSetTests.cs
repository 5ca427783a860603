using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Distillation.Episodes;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Tests.Inversion;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Distillation;

public class TrainingSetTests
{
    private static readonly DistillationSettings Settings = DistillationFixture.Settings;

    [Fact]
    public void A_teacher_is_asked_about_the_image_and_its_mirror_image()
    {
        using var fixture = new DistillationFixture();
        using var scope = NewDisposeScope();
        using var set = fixture.Set();
        using var pixels = new PixelSpace(InversionFixture.Preprocessor, CPU);
        var source = fixture.Sources[1];
        var seen = pixels.FromBytes(source.Images);
        fixture.Model.Attach(source.Teacher);
        var plain = source.Teacher!.Head!.call(fixture.Model.call(seen).Embedding).log_softmax(1).data<float>().ToArray();
        var mirrored = source.Teacher.Head.call(fixture.Model.call(seen.flip(3)).Embedding).log_softmax(1).data<float>().ToArray();
        var first = fixture.Sources[0].Labels.Count;
        for (var image = 0; image < source.Labels.Count; image++)
            for (var label = 0; label < 3; label++)
            {
                Assert.Equal(plain[(image * 3) + label], set.SoftLabels.LogProbability(1, first + image, mirrored: false, label), 1e-3);
                Assert.Equal(mirrored[(image * 3) + label], set.SoftLabels.LogProbability(1, first + image, mirrored: true, label), 1e-3);
            }
    }

    [Fact]
    public void Classes_of_one_name_are_one_class_of_interpolated_episodes()
    {
        using var fixture = new DistillationFixture(0, ["cup", "chair", "bass"], ["chair", "lamp", "cup"]);
        using var set = fixture.Set();
        Assert.Equal([8, 8, 4, 4], set.Classes.Select(one => one.Images.Count));
        Assert.Equal([(0, 0), (1, 2)], set.Classes[0].Teachers);
        using var apart = fixture.Set(Settings with { MergesNames = false });
        Assert.Equal(6, apart.Classes.Count);
    }

    [Fact]
    public void Classes_without_names_are_never_taken_for_each_other()
    {
        using var fixture = new DistillationFixture();
        using var set = fixture.Set();
        Assert.Equal(6, set.Classes.Count);
    }

    [Fact]
    public void Invented_characters_come_after_the_images_of_loras_and_change_nothing_about_them()
    {
        using var fixture = new DistillationFixture();
        using var scope = NewDisposeScope();
        using var without = fixture.Set();
        using var with = fixture.Set(Settings with { DrawnCharacters = 3 });
        var (count, hands) = (without.Images.shape[0], 20);
        Assert.Empty(without.Drawn);
        Assert.Equal(Enumerable.Range((int)count, 3 * hands), with.Drawn.SelectMany(one => one.Images));
        Assert.True(with.Images.narrow(0, 0, count).eq(without.Images).all().item<bool>());
        Assert.Equal(count + (3 * hands), with.Images.shape[0]);
        Assert.Equal(with.Images.shape[0], with.Saliency!.shape[0]);
        Assert.Equal(without.Classes.Count, with.Classes.Count);
    }

    [Fact]
    public void Images_of_another_revision_of_the_lora_are_refused()
    {
        using var fixture = new DistillationFixture();
        var error = Assert.Throws<DistillationException>(() => TrainingSource.Of(fixture.Pools[0], fixture.Sources[1].Teacher!));
        Assert.Contains("Invert it again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_without_saliency_and_a_class_of_one_image_are_refused()
    {
        using var fixture = new DistillationFixture();
        using var pixels = new PixelSpace(InversionFixture.Preprocessor, CPU);
        var blind = fixture.Sources[0] with { Saliency = null };
        Assert.Contains("no saliency", Refused([blind], Settings with { Masked = [0.5] }), StringComparison.Ordinal);
        var poor = fixture.Sources[0] with { Labels = [0, 0, 0, 0, 1, 1, 1, 1, 2, 0, 0, 0] };
        Assert.Contains("has 1 images", Refused([poor], Settings), StringComparison.Ordinal);
        Assert.Contains("got none", Refused([], Settings), StringComparison.Ordinal);

        string Refused(TrainingSource[] sources, DistillationSettings settings) => Assert.Throws<DistillationException>(
            () => TrainingSet.Of(fixture.Model, pixels, sources, settings, CancellationToken.None)).Message;
    }
}
