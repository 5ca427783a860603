using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Method.Tuning.Checkpoints;
using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Tests.Evaluation;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Tuning;

public sealed class TuningCheckpointTests : IDisposable
{
    private const int Steps = 9, Interrupted = 4;

    // An interval that the interruption is in the middle of.
    private static readonly TuningSettings Short = ToyTask.Settings with
    {
        Steps = Steps,
        Choice = new ChoiceSettings { Interval = 3, SearchSteps = 5 },
    };

    private readonly VisionTransformer _model = ToyTask.Model();
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> All => [.. TuningMethods.All.Select(method => method.Name)];

    private string Path => System.IO.Path.Combine(_folder.Path, "tuning.safetensors");

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory, MemberData(nameof(All))]
    public void A_run_that_was_interrupted_and_goes_on_gives_the_same_lora_to_the_last_bit(string name)
    {
        using var images = ToyTask.Images(_model, each: 5, seed: 1);
        var settings = TuningMethods.Of(name).On(Short);
        using var whole = ToyTask.Tune(_model, images, settings);

        Interrupt(images, settings);
        var (resumed, steps) = Tune(images, settings);
        using var owned = resumed;

        Assert.Equal(Enumerable.Range(Interrupted + 1, Steps - Interrupted), steps);
        Assert.Equal(whole.Losses, resumed.Losses);
        Assert.Equal(Bytes(whole.Adapter), Bytes(resumed.Adapter));
        Assert.All(_model.parameters(), parameter => Assert.False(parameter.requires_grad));
    }

    [Fact]
    public void A_checkpoint_of_other_settings_or_images_is_not_gone_on_from()
    {
        using var images = ToyTask.Images(_model, each: 5, seed: 1);
        using var others = ToyTask.Images(_model, each: 5, seed: 2);
        Interrupt(images, Short);
        foreach (var (seen, settings) in new[] { (images, Short with { LearningRate = 1e-4 }), (others, Short) })
        {
            var (tuned, steps) = Tune(seen, settings);
            tuned.Dispose();

            Assert.Equal(Enumerable.Range(1, Steps), steps);
        }
    }

    [Fact]
    public void Other_work_gets_at_the_device_before_each_step()
    {
        using var images = ToyTask.Images(_model, each: 5, seed: 1);
        var paces = 0;
        using var tuned = new LoraTuner(_model) { Pace = _ => paces++ }
            .Tune(images, Short, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(Steps, paces);
    }

    private void Interrupt(LabelledImages images, TuningSettings settings)
    {
        using var stop = new CancellationTokenSource();
        var progress = new Recorder<TuningProgress>(step =>
        {
            if (step.Step == Interrupted) stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => Tuner().Tune(images, settings, progress, stop.Token));
    }

    private (TunedLora Tuned, IEnumerable<int> Steps) Tune(LabelledImages images, TuningSettings settings)
    {
        var progress = new Recorder<TuningProgress>();
        var tuned = Tuner().Tune(images, settings, progress, TestContext.Current.CancellationToken);
        return (tuned, progress.Reports.Select(step => step.Step));
    }

    private LoraTuner Tuner() => new(_model) { Checkpoint = new TuningCheckpoint(Path, TimeSpan.FromHours(1)) };

    private static byte[] Bytes(Adapter adapter)
    {
        using var scope = NewDisposeScope();
        return
        [
            .. adapter.Layers.OrderBy(layer => layer.Key, StringComparer.Ordinal)
                .SelectMany(layer => layer.Value.named_parameters())
                .Concat(adapter.Head!.named_parameters())
                .SelectMany(one => one.parameter.detach().cpu().contiguous().bytes.ToArray()),
        ];
    }
}
