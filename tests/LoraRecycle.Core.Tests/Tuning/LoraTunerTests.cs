using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Tuning;

public sealed class LoraTunerTests
{
    [Fact]
    public void A_tuned_lora_recognises_images_that_it_was_not_tuned_on()
    {
        using var model = ToyTask.Model();
        using var train = ToyTask.Images(model, each: 20, seed: 1);
        using var heldOut = ToyTask.Images(model, each: 20, seed: 2);

        using var tuned = ToyTask.Tune(model, train, ToyTask.Settings);

        Assert.Equal(60, tuned.Losses.Count);
        Assert.True(tuned.Losses.TakeLast(10).Average() < 0.5 * tuned.Losses[0], $"from {tuned.Losses[0]} to {tuned.Losses[^1]}");
        Assert.InRange(ToyTask.Accuracy(model, tuned.Adapter, heldOut), 0.9, 1);
        Assert.Equal(ToyTask.Names, tuned.Adapter.ClassNames);
    }

    [Fact]
    public void The_adapted_layers_learn_and_the_model_stays_as_it_was()
    {
        using var scope = NewDisposeScope();
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 4, seed: 1);
        var before = Embeddings(model, images);

        using var tuned = ToyTask.Tune(model, images, ToyTask.Settings with { Steps = 2, Targets = ["v", "fc1"], Rank = 3, Alpha = 6 });

        Assert.Equal(before, Embeddings(model, images));
        Assert.All(model.parameters(), parameter => Assert.False(parameter.requires_grad));
        Assert.Equal(
            ["layers.0.fc1", "layers.0.v", "layers.1.fc1", "layers.1.v", "layers.2.fc1", "layers.2.v"],
            tuned.Adapter.Layers.Keys.Order(StringComparer.Ordinal)
        );
        Assert.All(
            tuned.Adapter.Layers.Values,
            layer =>
            {
                var lora = Assert.IsType<LoraLayer>(layer);
                Assert.Equal((3, 2.0), (lora.Rank, lora.Scale));
                Assert.True(lora.B.abs().max().item<float>() > 0, "B is still zero.");
            }
        );
    }

    [Fact]
    public void The_first_step_starts_from_the_bare_model()
    {
        using var scope = NewDisposeScope();
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 4, seed: 1);
        var bare = Embeddings(model, images);

        // A step this small leaves everything where it started.
        using var tuned = ToyTask.Tune(model, images, ToyTask.Settings with { Steps = 1, LearningRate = 1e-12 });
        model.Attach(tuned.Adapter);
        var adapted = Embeddings(model, images);
        model.Detach();

        Assert.All(bare.Zip(adapted), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void The_same_seed_gives_the_same_lora_and_another_seed_another()
    {
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 6, seed: 1);
        var settings = ToyTask.Settings with { Steps = 5 };

        string[] revisions = [.. new long[] { 1, 1, 2 }.Select(seed =>
        {
            using var tuned = ToyTask.Tune(model, images, settings with { Seed = seed });
            return tuned.Adapter.Revision;
        })];

        Assert.Equal(64, revisions[0].Length);
        Assert.Equal(revisions[0], revisions[1]);
        Assert.NotEqual(revisions[0], revisions[2]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_head_has_a_bias_only_where_it_is_asked_for(bool hasBias)
    {
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 2, seed: 1);

        using var tuned = ToyTask.Tune(model, images, ToyTask.Settings with { Steps = 1, HasHeadBias = hasBias });

        Assert.Equal(hasBias, tuned.Adapter.Head!.Bias is not null);
        Assert.Equal([3, model.Config.EmbeddingLength], tuned.Adapter.Head.Weight.shape);
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_tuning_with_the_step_and_frees_the_model()
    {
        using var scope = NewDisposeScope();
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 4, seed: 1);
        var before = Embeddings(model, images);

        var divergence = Assert.Throws<DivergenceException>(
            () => ToyTask.Tune(model, images, ToyTask.Settings with { LearningRate = 1e30 }));

        Assert.InRange(divergence.Step, 2, 5);
        Assert.Contains($"step {divergence.Step} of 60", divergence.Message, StringComparison.Ordinal);
        Assert.Equal(before, Embeddings(model, images));
    }

    [Fact]
    public void Every_step_is_reported_and_cancellation_is_heard_before_the_next()
    {
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 4, seed: 1);
        using var cancellation = new CancellationTokenSource();
        var seen = new Recorder<TuningProgress>(progress =>
        {
            if (progress.Step == 3) cancellation.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() => new LoraTuner(model).Tune(images, ToyTask.Settings, seen, cancellation.Token));

        Assert.Equal([1, 2, 3], seen.Reports.Select(progress => progress.Step));
        Assert.All(seen.Reports, progress => Assert.True(progress.Loss > 0 && progress.Steps == 60));
    }

    public static TheoryData<string, TuningSettings> Refused => new()
    {
        { "rank of at least 1", new() { Rank = 0 } },
        { "rank of at most 64", new() { Rank = 65 } },
        { "among q, k, v, out, fc1, fc2; got 'attention'", new() { Targets = ["q", "attention"] } },
        { "at least one target", new() { Targets = [] } },
        { "at least 1 step", new() { Steps = 0 } },
        { "at least 2 images", new() { BatchSize = 1 } },
        { "positive learning rate", new() { LearningRate = double.NaN } },
        { "positive alpha", new() { Alpha = -1 } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Settings_that_cannot_be_are_refused_by_name(string expected, TuningSettings settings)
    {
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 2, seed: 1);

        var refusal = Assert.Throws<TuningException>(() => ToyTask.Tune(model, images, settings));

        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_one_class_or_with_stray_labels_are_refused()
    {
        using var scope = NewDisposeScope();

        Assert.Contains("at least 2 classes", Refusal(["cup"], [0, 0]), StringComparison.Ordinal);
        Assert.Contains("labels of 0 to 1; got 0 to 2", Refusal(["cup", "chair"], [0, 2]), StringComparison.Ordinal);
        Assert.Contains("as many labels", Refusal(["cup", "chair"], [0, 1, 1]), StringComparison.Ordinal);
        Assert.Contains("different names", Refusal(["cup", "cup"], [0, 1]), StringComparison.Ordinal);

        static string Refusal(string[] names, long[] labels) =>
            Assert.Throws<DataSetException>(() => new LabelledImages(zeros([2, 3, 4, 4]), tensor(labels), names)).Message;
    }

    [Fact]
    public void An_adapter_without_a_head_or_with_one_for_other_embeddings_cannot_be_measured()
    {
        using var scope = NewDisposeScope();
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 2, seed: 1);
        using var headless = new Adapter("lora", "", new Dictionary<string, LayerAdapter>());
        using var wide = new Adapter("lora", "", new Dictionary<string, LayerAdapter>(), new ClassificationHead(zeros([3, 7])));

        Assert.Contains(
            "no classification head",
            Assert.Throws<AdapterException>(() => ToyTask.Accuracy(model, headless, images)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "7 values",
            Assert.Throws<AdapterException>(() => ToyTask.Accuracy(model, wide, images)).Message,
            StringComparison.Ordinal
        );
    }

    private static float[] Embeddings(VisionTransformer model, LabelledImages images)
    {
        using var withoutGrad = no_grad();
        using var output = model.call(images.Pixels);
        return output.Embedding.data<float>().ToArray();
    }
}
