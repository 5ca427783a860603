using LoraRecycle.Core.Distillation;
using LoraRecycle.Core.Inversion;
using LoraRecycle.Core.Tests.Inversion;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Distillation;

/// <summary>Small pools of two LoRAs of the golden CLIP, made once for each test.</summary>
public sealed class MetaLoraTrainerTests : IDisposable
{
    private static readonly DistillationSettings Settings = new()
    {
        Iterations = 50,
        EpisodesPerStep = 2,
        Shots = [1, 2],
        Queries = 2,
        Temperature = 5,
        PeakLearningRate = 1e-2,
        Seed = 4,
    };

    private readonly InversionFixture _fixture = new();
    private readonly List<(InversionSource Source, SyntheticPool Pool)> _made = [];

    public MetaLoraTrainerTests()
    {
        foreach (var name in new[] { "lora_qv", "rslora_all" })
        {
            var source = _fixture.Source(name);
            var outcome = _fixture.Invert(InversionFixture.Settings with { Iterations = 3, ImagesPerClass = 4 }, source);
            _made.Add((source, outcome[0].Pool!));
        }
    }

    [Fact]
    public void Training_lowers_the_loss_and_leaves_the_model_bare()
    {
        // Enough episodes a step that the average says more than the draw.
        var settings = Settings with { Iterations = 150, EpisodesPerStep = 8, InterpolationShare = 1 };
        using var meta = MetaLora.Zero(_fixture.Model, settings, CPU);
        var curve = Train(settings, meta);
        Assert.Equal(6, curve.Count);
        Assert.True(curve[^1] < 0.9 * curve[0], $"{curve[0]} then {curve[^1]}");
        Assert.All(_fixture.Model.Blocks, block => Assert.Null(block.Query.Adapter));
        Assert.Equal(64, meta.Revision.Length);
    }

    [Fact]
    public void The_same_seed_gives_the_same_losses()
    {
        using var first = MetaLora.Zero(_fixture.Model, Settings, CPU);
        using var second = MetaLora.Zero(_fixture.Model, Settings, CPU);
        Assert.Equal(Train(Settings, first), Train(Settings, second));
    }

    [Fact]
    public void Masked_patches_never_count()
    {
        using var scope = NewDisposeScope();
        using var pixels = new PixelSpace(InversionFixture.Preprocessor, CPU);
        var (source, pool) = _made[0];
        using var prepared = TeacherPool.Prepare(_fixture.Model, pool, source.Adapter, pixels, masked: 0.5);
        Assert.Equal([2, pool.Count, 8], prepared.Positions.shape);

        // What the mirror image keeps are the mirrored patches of what the image keeps, in a grid of 4 x 4.
        var (plain, mirrored) = (prepared.Positions[0, 0].data<long>().ToArray(), prepared.Positions[1, 0].data<long>().ToArray());
        Assert.Equal(plain.Select(patch => (patch / 4 * 4) + 3 - (patch % 4)).Order(), mirrored);
    }

    [Fact]
    public void A_teacher_is_asked_about_the_image_and_its_mirror_image()
    {
        using var scope = NewDisposeScope();
        using var pixels = new PixelSpace(InversionFixture.Preprocessor, CPU);
        var (source, pool) = _made[0];
        using var prepared = TeacherPool.Prepare(_fixture.Model, pool, source.Adapter, pixels, masked: 0);
        _fixture.Model.Wear(source.Adapter);
        var mirrored = pixels.FromBytes(pool.Images).flip(3);
        var expected = source.Adapter.Head!.call(_fixture.Model.call(mirrored).Embedding).log_softmax(1);
        Assert.True(allclose(prepared.LogProbabilities[1], expected, rtol: 1e-4, atol: 1e-4));
    }

    [Fact]
    public void Images_of_another_revision_of_the_lora_are_refused()
    {
        using var pixels = new PixelSpace(InversionFixture.Preprocessor, CPU);
        var error = Assert.Throws<DistillationException>(() => TeacherPool.Prepare(_fixture.Model, _made[0].Pool, _made[1].Source.Adapter, pixels, 0));
        Assert.Contains("Invert it again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_draws_the_same_episodes_again_and_no_image_twice()
    {
        using var pixels = new PixelSpace(InversionFixture.Preprocessor, CPU);
        using var first = TeacherPool.Prepare(_fixture.Model, _made[0].Pool, _made[0].Source.Adapter, pixels, 0);
        using var second = TeacherPool.Prepare(_fixture.Model, _made[1].Pool, _made[1].Source.Adapter, pixels, 0);
        var sampler = new SyntheticEpisodeSampler([first, second], Settings with { EpisodesPerStep = 40, InterpolationWays = 4 });
        var episodes = sampler.Step(9);
        Assert.Equal(episodes.SelectMany(episode => episode.Queries), sampler.Step(9).SelectMany(episode => episode.Queries));
        Assert.NotEqual(episodes.SelectMany(episode => episode.Queries), sampler.Step(10).SelectMany(episode => episode.Queries));
        foreach (var episode in episodes)
        {
            var images = episode.Support.Concat(episode.Queries).Select(image => (image.Pool, image.Image)).ToArray();
            Assert.Equal(images.Length, images.Distinct().Count());
            Assert.Equal(0, episode.Support.Count % episode.Ways);
            Assert.Equal(episode.Teacher is null ? 4 : InversionFixture.Classes, episode.Ways);
            Assert.Equal(episode.Queries.Count, episode.Labels.Length);
        }
        Assert.Contains(episodes, episode => episode.Teacher is null);
        Assert.Contains(episodes, episode => episode.Teacher is not null);
    }

    public void Dispose()
    {
        foreach (var (_, pool) in _made) pool.Dispose();
        _fixture.Dispose();
    }

    private IReadOnlyList<double> Train(DistillationSettings settings, LoraRecycle.Core.Adapters.Adapter meta)
    {
        using var pixels = new PixelSpace(InversionFixture.Preprocessor, CPU);
        var pools = _made.Select(made => TeacherPool.Prepare(_fixture.Model, made.Pool, made.Source.Adapter, pixels, settings.Masked)).ToArray();
        var curve = new MetaLoraTrainer(_fixture.Model, pools, settings).Train(meta);
        foreach (var pool in pools) pool.Dispose();
        return curve;
    }
}
