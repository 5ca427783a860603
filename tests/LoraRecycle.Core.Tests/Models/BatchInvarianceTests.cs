using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>On a CPU the embedding of an image is the same, to the last bit, whatever shares a batch with it.</summary>
public sealed class BatchInvarianceTests : IDisposable
{
    private const string Shipped = "models/vit-s-12-96";

    /// <summary>As many threads as a server takes.</summary>
    public BatchInvarianceTests() => ComputeThreads.Use(0);

    public void Dispose() => ComputeThreads.Use(1);

    public static TheoryData<string, ScalarType> Models =>
        new(
            from model in new[]
            {
                "tests/golden/clip/model",
                "tests/golden/vit/model",
                "tests/golden/dinov2/model",
                "tests/golden/siglip/model",
                Shipped,
            }
            from dtype in new[] { ScalarType.Float32, ScalarType.BFloat16 }
            select (model, dtype));

    [Theory]
    [MemberData(nameof(Models))]
    public void An_image_has_the_same_embedding_alone_and_in_a_batch_of_any_size(string model, ScalarType dtype)
    {
        Assert.SkipWhen(
            dtype == ScalarType.BFloat16 && !ComputePrecisions.ProcessorMultipliesBFloat16,
            "No model is served in bfloat16 on this processor."
        );
        using var scope = NewDisposeScope();
        using var directory = ModelDirectory.Open(Repository.PathOf(model));
        using var transformer = directory.Load(CPU);
        using var plan = new FusedEmbedder(transformer, CPU, dtype);
        using var generator = new Generator(5, CPU);
        var count = model == Shipped ? 17 : 33;
        var images = randn([count, 3, plan.Config.ImageSize, plan.Config.ImageSize], generator: generator);
        var alone = cat([.. Enumerable.Range(0, count).Select(i => plan.call(images.narrow(0, i, 1)))]);

        foreach (var batch in new[] { 2, 3, 7, 16, count })
            for (var start = 0; start + batch <= count; start += batch)
                Assert.True(
                    plan.call(images.narrow(0, start, batch)).Equals(alone.narrow(0, start, batch)),
                    $"{batch} images from {start}"
                );
    }
}
