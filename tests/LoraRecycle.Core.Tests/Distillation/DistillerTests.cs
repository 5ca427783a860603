using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Tests.Safetensors;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Distillation;

public sealed class DistillerTests : IDisposable
{
    private static readonly DistillationSettings Settings = DistillationFixture.Settings;

    private readonly DistillationFixture _fixture = new();

    [Fact]
    public void Training_lowers_the_loss_and_leaves_the_model_bare()
    {
        // Enough episodes a step that the average says more than the draw.
        using var result = _fixture.Run(
            Settings with
            {
                Iterations = 75,
                ReportEvery = 25,
                CheckpointEvery = 25,
                EpisodesPerStep = 8,
                InterpolationShare = 1,
                MergesNames = false,
            }
        );
        Assert.Equal(3, result.Losses.Count);
        Assert.True(result.Losses[^1] < 0.9 * result.Losses[0], $"{result.Losses[0]} then {result.Losses[^1]}");
        Assert.All(_fixture.Model.Blocks, block => Assert.Null(block.Query.Adapter));
        Assert.Equal(64, result.MetaLora.Revision.Length);
    }

    [Fact]
    public void Joint_training_learns_to_name_the_classes()
    {
        using var result = _fixture.Run(
            Settings with
            {
                MetaLearning = false,
                Iterations = 75,
                ReportEvery = 25,
                CheckpointEvery = 25,
                EpisodesPerStep = 8,
            }
        );
        Assert.True(result.Losses[^1] < 0.8 * result.Losses[0], $"{result.Losses[0]} then {result.Losses[^1]}");
    }

    [Fact]
    public void The_same_seed_gives_the_same_meta_lora_and_another_seed_another()
    {
        using var first = _fixture.Run(Settings);
        using var second = _fixture.Run(Settings);
        using var other = _fixture.Run(Settings with { Seed = 5 });
        Assert.Equal(first.MetaLora.Revision, second.MetaLora.Revision);
        Assert.NotEqual(first.MetaLora.Revision, other.MetaLora.Revision);
    }

    [Fact]
    public void Two_devices_learn_what_one_learns()
    {
        var settings = Settings with { EpisodesPerStep = 3, Masked = [0, 0.5] };
        using var one = _fixture.Run(settings);
        using var two = _fixture.Run(settings, devices: 2);
        Assert.All(one.Losses.Zip(two.Losses), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        foreach (var (name, layer) in one.MetaLora.Layers)
            Assert.True(allclose(((LoraLayer)layer).A, ((LoraLayer)two.MetaLora.Layers[name]).A, rtol: 1e-2, atol: 1e-3), name);
    }

    [Fact]
    public void A_run_that_was_killed_ends_as_one_that_was_not()
    {
        using var folder = new ScratchFolder();
        var checkpoint = folder.PathOf("checkpoint");
        var settings = Settings with { Iterations = 20 };
        using var whole = _fixture.Run(settings);

        // Dies in a report, with no chance to write another checkpoint than that of step 10.
        Assert.Throws<InvalidOperationException>(() =>
            _fixture.Run(
                settings,
                checkpoint: checkpoint,
                progress: new Watcher(step =>
                {
                    if (step == 15)
                        throw new InvalidOperationException();
                })
            )
        );
        var steps = new List<int>();
        using var resumed = _fixture.Run(settings, checkpoint: checkpoint, progress: new Watcher(steps.Add));

        Assert.Equal([15, 20], steps);
        Assert.Equal(whole.MetaLora.Revision, resumed.MetaLora.Revision);
        Assert.Equal(whole.Losses, resumed.Losses);
    }

    [Fact]
    public void A_run_whose_result_was_lost_has_it_again_at_once()
    {
        using var folder = new ScratchFolder();
        var checkpoint = folder.PathOf("checkpoint");
        using var first = _fixture.Run(Settings, checkpoint: checkpoint);
        var steps = new List<int>();
        using var again = _fixture.Run(Settings, checkpoint: checkpoint, progress: new Watcher(steps.Add));
        Assert.Empty(steps);
        Assert.Equal(first.MetaLora.Revision, again.MetaLora.Revision);
        Assert.Equal(first.Losses, again.Losses);
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_not_taken_up()
    {
        using var folder = new ScratchFolder();
        var checkpoint = folder.PathOf("checkpoint");
        Assert.Throws<InvalidOperationException>(() =>
            _fixture.Run(
                Settings,
                checkpoint: checkpoint,
                progress: new Watcher(step =>
                {
                    if (step == 10)
                        throw new InvalidOperationException();
                })
            )
        );
        Assert.True(File.Exists(checkpoint));
        var steps = new List<int>();
        _fixture.Run(Settings with { Temperature = 6 }, checkpoint: checkpoint, progress: new Watcher(steps.Add)).Dispose();
        Assert.Equal([5, 10], steps);
    }

    [Fact]
    public void A_run_that_is_cancelled_keeps_its_last_report()
    {
        using var folder = new ScratchFolder();
        using var cancelling = new CancellationTokenSource();
        var checkpoint = folder.PathOf("checkpoint");
        var settings = Settings with { Iterations = 20, CheckpointEvery = 20 };
        Assert.Throws<OperationCanceledException>(() =>
            _fixture.Run(
                settings,
                checkpoint: checkpoint,
                progress: new Watcher(step =>
                {
                    if (step == 5)
                        cancelling.Cancel();
                }),
                cancelling: cancelling
            )
        );
        var steps = new List<int>();
        _fixture.Run(settings, checkpoint: checkpoint, progress: new Watcher(steps.Add)).Dispose();
        Assert.Equal([10, 15, 20], steps);
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_run_with_a_reason()
    {
        var error = Assert.Throws<DistillationException>(() => _fixture.Run(Settings with { PeakLearningRate = 1e30, WarmUp = 0 }));
        Assert.Contains("not finite after", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_larger_than_the_input_are_seen_in_part()
    {
        using var fixture = new DistillationFixture(canvas: 40);
        using var result = fixture.Run(
            Settings with
            {
                Masked = [0.5],
                Augmentation = new Augmentation
                {
                    SmallestCrop = 0.5,
                    Colour = 0.4,
                    Grey = 0.2,
                    TurnedClasses = 0.5,
                },
            }
        );
        Assert.All(result.Losses, loss => Assert.True(double.IsFinite(loss)));
    }

    public void Dispose() => _fixture.Dispose();

    private sealed class Watcher(Action<int> see) : IProgress<DistillationProgress>
    {
        public void Report(DistillationProgress value) => see(value.Iteration);
    }
}
