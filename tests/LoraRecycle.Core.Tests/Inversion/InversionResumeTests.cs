using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Core.Tests.Safetensors;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Tests.Inversion;

public sealed class InversionResumeTests
{
    private static readonly InversionSettings Settings = InversionFixture.Settings with { Pruning = TokenPruning.Parse("1:.5") };

    [Fact]
    public void A_run_that_was_killed_ends_as_one_that_was_not()
    {
        using var fixture = new InversionFixture();
        using var folder = new ScratchFolder();
        var (checkpoint, source) = (folder.PathOf("checkpoint.safetensors"), fixture.Source("lora_qv"));
        using var inverter = new LoraInverter(fixture.Model, InversionFixture.Preprocessor, null, Settings);
        using var whole = Run(inverter, source);

        // Dies in iteration 8, after the checkpoint of iteration 5, with no chance to write another.
        Assert.Throws<InvalidOperationException>(() =>
            Run(
                inverter,
                source,
                checkpoint,
                iteration =>
                {
                    if (iteration == 8)
                        throw new InvalidOperationException();
                }
            )
        );
        var iterations = new List<int>();
        using var resumed = Run(inverter, source, checkpoint, iterations.Add);

        Assert.Equal(6, iterations[0]);
        Assert.Equal(whole.Images.data<byte>().ToArray(), resumed.Images.data<byte>().ToArray());
        Assert.Equal(whole.Saliency.data<float>().ToArray(), resumed.Saliency.data<float>().ToArray());
        Assert.Equal(whole.Info.Losses, resumed.Info.Losses);
    }

    [Fact]
    public void A_run_that_is_cancelled_loses_nothing()
    {
        using var fixture = new InversionFixture();
        using var folder = new ScratchFolder();
        using var cancelling = new CancellationTokenSource();
        var (checkpoint, source) = (folder.PathOf("checkpoint.safetensors"), fixture.Source("lora_qv"));
        using var inverter = new LoraInverter(fixture.Model, InversionFixture.Preprocessor, null, Settings);
        Assert.Throws<OperationCanceledException>(() => inverter.Invert(
            [source], checkpoint, new Watcher(iteration => { if (iteration == 8) cancelling.Cancel(); }), cancelling.Token));
        var iterations = new List<int>();
        Run(inverter, source, checkpoint, iterations.Add).Dispose();
        Assert.Equal(9, iterations[0]);
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_not_taken_up()
    {
        using var fixture = new InversionFixture();
        using var folder = new ScratchFolder();
        var (checkpoint, source) = (folder.PathOf("checkpoint.safetensors"), fixture.Source("lora_qv"));
        using (var inverter = new LoraInverter(fixture.Model, InversionFixture.Preprocessor, null, Settings))
            Run(inverter, source, checkpoint).Dispose();
        Assert.True(File.Exists(checkpoint));
        var iterations = new List<int>();
        using (var inverter = new LoraInverter(fixture.Model, InversionFixture.Preprocessor, null, Settings with { LearningRate = 0.1 }))
            Run(inverter, source, checkpoint, iterations.Add).Dispose();
        Assert.Equal(1, iterations[0]);
    }

    private static SyntheticPool Run(LoraInverter inverter, InversionSource source, string? checkpoint = null, Action<int>? seen = null) =>
        inverter.Invert([source], checkpoint, new Watcher(seen ?? (_ => { })), TestContext.Current.CancellationToken)[0].Pool!;

    private sealed class Watcher(Action<int> seen) : IProgress<InversionProgress>
    {
        public void Report(InversionProgress value) => seen(value.Iteration);
    }
}
