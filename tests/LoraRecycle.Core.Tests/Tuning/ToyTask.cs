using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Core.Vision.Transformer;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Tuning;

/// <summary>The fixtures' tiny model and images that a linear head alone tells apart with some effort.</summary>
internal static class ToyTask
{
    public static readonly string[] Names = ["red", "green", "blue"];

    public static VisionTransformer Model()
    {
        using var directory = ModelDirectory.Open(Repository.PathOf("tests", "golden", "clip", "model"));
        return directory.Load(CPU);
    }

    /// <summary>Noise in a tint.</summary>
    public static LabelledImages Images(VisionTransformer model, int each, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed);
        var size = model.Config.ImageSize;
        var pixels = randn([Names.Length * each, 3, size, size], generator: generator);
        for (var label = 0; label < Names.Length; label++)
            pixels.narrow(0, label * each, each).narrow(1, label, 1).add_(1);
        var labels = tensor([.. Enumerable.Range(0, Names.Length).SelectMany(label => Enumerable.Repeat((long)label, each))]);
        return new LabelledImages(pixels, labels, Names);
    }

    /// <summary>Settings under which the toy task is learnt within a second.</summary>
    public static TuningSettings Settings { get; } = new() { Steps = 60, BatchSize = 12, LearningRate = 5e-3, Seed = 7 };

    public static TunedLora Tune(VisionTransformer model, LabelledImages images, TuningSettings settings) =>
        new LoraTuner(model).Tune(images, settings, cancellation: TestContext.Current.CancellationToken);

    public static double Accuracy(VisionTransformer model, Adapter adapter, LabelledImages images) =>
        TaskAccuracy.Measure(model, adapter, images, TestContext.Current.CancellationToken);
}
