using LoraRecycle.Core.Evaluation.Verification;
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

    /// <summary>Every folder of the fixtures with a model and its outputs.</summary>
    public static TheoryData<string> Families =>
    [
        .. Directory
            .EnumerateDirectories(Repository.PathOf("tests", "golden"))
            .Where(folder => File.Exists(Path.Combine(folder, "model", "expected.safetensors")))
            .Select(folder => Path.GetFileName(folder))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Families))]
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
    [MemberData(nameof(Families))]
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

    [Fact]
    public void Another_resolution_is_what_transformers_makes_of_it()
    {
        foreach (var family in Families.Select(row => row.Data))
        {
            var path = Repository.PathOf("tests", "golden", family, "model", "resampled.safetensors");
            if (!File.Exists(path)) continue;
            using var scope = NewDisposeScope();
            using var directory = ModelDirectory.Open(Path.GetDirectoryName(path)!);
            using var expected = SafetensorsFile.Open(path);
            var pixels = expected.Read("pixel_values");
            using var model = directory.Load(TestDevice.Current, imageSize: (int)pixels.shape[2]);
            var output = model.call(pixels.to(TestDevice.Current));
            Assert.True(RelativeError(output.LastHiddenState.cpu(), expected.Read("last_hidden_state")) < Tolerance, family);
        }
    }

    /// <summary>Adapters of layers beyond those that most adapters have.</summary>
    [Theory]
    [InlineData("clip", "lora_qv")]
    [InlineData("clip", "lora_projection")]
    [InlineData("clip", "lora_lookahead")]
    [InlineData("siglip", "lora_all_layers")]
    [InlineData("siglip", "lora_feed_forward")]
    [InlineData("vit", "lora_all_linear")]
    [InlineData("dinov3_vit", "lora_all_linear")]
    [InlineData("dinov3_vit_gated", "lora_all_linear")]
    public void An_adapter_computes_what_peft_does_in_every_form(string family, string name)
    {
        var folder = Repository.PathOf("tests", "golden", family, "adapters", name);
        Assert.SkipUnless(Directory.Exists(folder), $"{folder} is made by tests/golden/make_families.py.");
        var outputs = ModelVerification.Run(
            Repository.PathOf("tests", "golden", family, "model"),
            folder,
            Path.Combine(folder, "expected.safetensors"),
            TestDevice.Current
        );
        Assert.All(outputs, output => Assert.True(output.Passes, $"{output}"));
    }

    private static double RelativeError(Tensor actual, Tensor expected) =>
        (actual - expected).abs().max().item<float>() / expected.abs().max().item<float>();
}
