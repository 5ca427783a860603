using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>Outputs that transformers computed with the same weights.</summary>
public class GoldenModelTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("clip")]
    [InlineData("vit")]
    [InlineData("dinov2")]
    [InlineData("siglip")]
    public void A_family_computes_what_transformers_does(string family)
    {
        using var scope = NewDisposeScope();
        using var directory = ModelDirectory.Open(Repository.PathOf("tests", "golden", family, "model"));
        using var model = directory.Load(TestDevice.Current);
        using var expected = SafetensorsFile.Open(Repository.PathOf("tests", "golden", family, "model", "expected.safetensors"));
        var output = model.call(expected.Read("pixel_values").to(TestDevice.Current));

        var compared = 0;
        Compare("last_hidden_state", output.LastHiddenState);
        Compare("pooler_output", output.PoolerOutput);
        Compare("image_embeds", output.ImageEmbeds);
        Assert.True(compared >= 1);

        void Compare(string name, Tensor? actual)
        {
            if (!expected.Entries.ContainsKey(name)) return;
            Assert.True(RelativeError(actual!.cpu(), expected.Read(name)) < Tolerance, name);
            compared++;
        }
    }

    [Theory]
    [InlineData("clip")]
    [InlineData("vit")]
    [InlineData("dinov2")]
    [InlineData("siglip")]
    public void A_plan_gives_the_embedding_of_the_transformer_it_was_made_from(string family)
    {
        using var scope = NewDisposeScope();
        using var directory = ModelDirectory.Open(Repository.PathOf("tests", "golden", family, "model"));
        using var model = directory.Load(TestDevice.Current);
        using var plan = new FusedEmbedder(model, TestDevice.Current);
        using var expected = SafetensorsFile.Open(Repository.PathOf("tests", "golden", family, "model", "expected.safetensors"));
        var pixels = expected.Read("pixel_values").to(TestDevice.Current);

        Assert.True(RelativeError(plan.call(pixels), model.call(pixels).Embedding) < 1e-5);
    }

    private static double RelativeError(Tensor actual, Tensor expected) =>
        (actual - expected).abs().max().item<float>() / expected.abs().max().item<float>();
}
