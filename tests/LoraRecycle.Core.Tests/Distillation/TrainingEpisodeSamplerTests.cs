using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Distillation.Episodes;

namespace LoraRecycle.Core.Tests.Distillation;

public sealed class TrainingEpisodeSamplerTests : IDisposable
{
    private static readonly DistillationSettings Settings = DistillationFixture.Settings with
    {
        EpisodesPerStep = 10,
        InterpolationWays = 4,
    };

    private readonly DistillationFixture _fixture = new();

    [Fact]
    public void A_step_is_drawn_again_as_it_was_and_the_next_is_another()
    {
        using var set = _fixture.Set();
        var sampler = _fixture.Sampler(set, Settings);
        Assert.Equal(sampler.Step(9).Images, sampler.Step(9).Images);
        Assert.Equal(sampler.Step(9).Places, sampler.Step(9).Places);
        Assert.NotEqual(sampler.Step(9).Images, sampler.Step(10).Images);
    }

    [Fact]
    public void Episodes_hold_no_image_twice_and_targets_that_sum_to_one()
    {
        using var set = _fixture.Set();
        var sampler = _fixture.Sampler(set, Settings);
        var kinds = new HashSet<StepKind>();
        for (var step = 1; step <= 20; step++)
        {
            var batch = sampler.Step(step);
            kinds.Add(batch.Shape.Kind);
            Assert.Equal(batch.Shape.Kind == StepKind.Task ? 3 : 4, batch.Shape.Ways);
            foreach (var episode in batch.Images.Chunk(batch.Shape.ImagesOfEpisode))
                Assert.Equal(episode.Length, episode.Distinct().Count());
            foreach (var target in batch.Targets.Chunk(batch.Shape.Ways))
                Assert.Equal(1, target.Sum(), 1e-4);
        }
        Assert.Equal(2, kinds.Count);
    }

    [Fact]
    public void Interpolated_queries_are_labelled_by_the_class_that_their_supports_are_of()
    {
        using var set = _fixture.Set();
        var batch = _fixture.Sampler(set, Settings with { InterpolationShare = 1 }).Step(3);
        var shape = batch.Shape;
        for (var episode = 0; episode < shape.Episodes; episode++)
            for (var query = 0; query < shape.Ways * shape.Queries; query++)
            {
                var start = episode * shape.ImagesOfEpisode;
                var way = Array.IndexOf(batch.Targets, 1f, ((episode * shape.Ways * shape.Queries) + query) * shape.Ways) % shape.Ways;
                var support = batch.Images[start + (way * shape.Shots)];
                var image = batch.Images[start + (shape.Ways * shape.Shots) + query];
                Assert.Contains(set.Classes, one => one.Images.Contains((int)support) && one.Images.Contains((int)image));
            }
    }

    [Fact]
    public void Drawn_episodes_are_of_invented_characters_alone_seen_whole_and_with_plain_labels()
    {
        var settings = Settings with
        {
            DrawnCharacters = 6,
            DrawnShare = 0.5,
            OpinionShare = 0.5,
            Augmentation = new Augmentation
            {
                SmallestCrop = 0.5,
                LineDrawings = 1,
                Coarse = 1,
                TurnedClasses = 1,
            },
        };
        using var set = _fixture.Set(settings);
        var sampler = _fixture.Sampler(set, settings);
        var drawn = Enumerable.Range(1, 30).Select(sampler.Step).Where(batch => batch.Shape.Kind == StepKind.Drawn).ToArray();
        Assert.InRange(drawn.Length, 5, 25);
        foreach (var batch in drawn)
        {
            Assert.Equal(4, batch.Shape.Ways);
            Assert.All(batch.Images, image => Assert.Contains(set.Drawn, one => one.Images.Contains((int)image)));
            Assert.All(
                batch.Places.Chunk(ImageView.PlaceLength),
                place => Assert.Equal([1, 0, 0, 0, 1, 0], place.Select(number => Math.Abs(number)))
            );
            Assert.All([.. batch.LineDrawings, .. batch.Coarse], seen => Assert.Equal(0, seen));
            Assert.All(batch.Targets.Chunk(4), target => Assert.Equal([0, 0, 0, 1], target.Order()));
        }
    }

    [Fact]
    public void Own_tasks_take_the_teachers_soft_labels_as_their_target()
    {
        using var set = _fixture.Set();
        var batch = _fixture
            .Sampler(
                set,
                Settings with
                {
                    InterpolationShare = 0,
                    Augmentation = new Augmentation { Mirror = false },
                }
            )
            .Step(1);
        var image = (int)batch.Images[batch.Shape.Ways * batch.Shape.Shots];
        var source = image < 12 ? 0 : 1;
        Assert.Equal(
            Enumerable.Range(0, 3).Select(label => MathF.Exp(set.SoftLabels.LogProbability(source, image, false, label))),
            batch.Targets[..3],
            (a, b) => Math.Abs(a - b) < 1e-4
        );
    }

    [Fact]
    public void Soft_labels_blend_into_the_labels_of_interpolated_episodes()
    {
        using var labels = _fixture.Set(Settings with { InterpolationShare = 1 });
        var settings = Settings with { InterpolationShare = 1, OpinionShare = 0.5 };
        using var set = _fixture.Set(settings);
        var batch = _fixture.Sampler(set, settings).Step(1);
        foreach (var target in batch.Targets.Chunk(4))
        {
            Assert.Equal(1, target.Sum(), 1e-4);
            Assert.True(target.Max() is >= 0.5f and < 1);
        }
    }

    [Fact]
    public void A_share_of_a_step_is_what_the_whole_step_has_there()
    {
        using var set = _fixture.Set();
        var batch = _fixture.Sampler(set, Settings).Step(2);
        var share = batch.Share(4, 3);
        Assert.Equal(3, share.Shape.Episodes);
        Assert.Equal(batch.Images.Skip(4 * batch.Shape.ImagesOfEpisode).Take(3 * batch.Shape.ImagesOfEpisode), share.Images);
        Assert.Equal(batch.Targets.Chunk(batch.Targets.Length / 10).Skip(4).Take(3).SelectMany(target => target), share.Targets);
    }

    public void Dispose() => _fixture.Dispose();
}
