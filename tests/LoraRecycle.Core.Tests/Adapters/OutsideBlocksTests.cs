using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Tests.Models;
using LoraRecycle.Core.Tests.Safetensors;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters;

/// <summary>Linear layers after a model's blocks: SigLIP's pooling head, CLIP's projection, and a ViT's pooler, which gives no
/// embedding.</summary>
public sealed class OutsideBlocksTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("siglip", "base_model.model.", "q_proj,out_proj,fc1,fc2", 15)]
    [InlineData("siglip", "base_model.model.vision_model.", "q_proj,out_proj,fc1,fc2", 15)]
    [InlineData("siglip", "base_model.model._orig_mod.vision_model.", "out_proj", 4)]
    [InlineData("siglip", "base_model.model.", "head.mlp.fc2", 1)]
    [InlineData("clip", "base_model.model.", "q_proj,visual_projection", 4)]
    [InlineData("clip", "base_model.model.clip.", "visual_projection", 1)]
    public void A_layer_after_the_blocks_is_adapted_like_any_other(string family, string stem, string targets, int layers)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenTransformer(family);
        var model = golden.Model;
        var path = Lora(model, stem, targets.Split(','));
        using var adapter = AdapterCatalog.Default.Load(path, model.AdaptableLayers);
        Assert.Equal(layers, adapter.Layers.Count);

        // The same with the changes added to the weights by hand.
        var bare = model.call(golden.Pixels).Embedding;
        Tensor beside, served, frozen;
        using (model.Attach(adapter))
        {
            beside = model.call(golden.Pixels).Embedding.detach();
            using var plan = new FusedEmbedder(model, CPU);
            served = plan.call(golden.Pixels);
            using var form = new FusedTransformer(model);
            frozen = form.Embed(golden.Pixels, TokenPruning.None).detach();
            using var group = LoraGroup.Stack([adapter, adapter], model.AdaptableLayers, CPU, ScalarType.Float32);
            using var attached = model.Attach(group);
            using var two = new FusedTransformer(model);
            var both = two.Embed(cat([golden.Pixels, golden.Pixels]), TokenPruning.None).detach();
            Assert.True(allclose(both[0], both[golden.Pixels.shape[0]], 1e-4, 1e-5));
            Assert.True(allclose(beside[0], both[0], 1e-3, 1e-4));
        }
        using (no_grad())
            foreach (var layer in model.AdaptableLayers.Where(layer => adapter.Layers.ContainsKey(layer.Name)))
            {
                var lora = (LoraLayer)adapter.Layers[layer.Name];
                model.LinearOf(layer).Weight.add_(lora.B.matmul(lora.A).mul(2));
            }
        var expected = model.call(golden.Pixels).Embedding;
        Assert.False(allclose(bare, expected, 1e-2, 1e-2));
        Assert.True(allclose(expected, beside, 1e-4, 1e-5));
        Assert.True(allclose(expected, served, 1e-4, 1e-5));
        Assert.True(allclose(expected, frozen, 1e-4, 1e-5));
    }

    [Fact]
    public void A_file_that_was_trained_without_the_pooling_head_is_whole_but_one_that_lost_a_part_of_it_is_not()
    {
        using var golden = new GoldenTransformer("siglip");
        var path = Lora(golden.Model, "base_model.model.", ["fc1", "fc2"], without: "head.");
        using var adapter = AdapterCatalog.Default.Load(path, golden.Model.AdaptableLayers);
        Assert.Equal(6, adapter.Layers.Count);
        var half = Lora(golden.Model, "base_model.model.", ["fc1", "fc2"], without: "head.mlp.fc1");
        Assert.Contains(
            "no tensors for 'head.mlp.fc1'",
            Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(half, golden.Model.AdaptableLayers)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_cannot_be_adapted_is_named_with_what_can()
    {
        using var golden = new GoldenTransformer("siglip");
        var path = Lora(golden.Model, "base_model.model.", ["q_proj"], extra: "head.attention.in_proj");
        var message = Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(path, golden.Model.AdaptableLayers)).Message;
        Assert.Contains("head.attention.in_proj.lora_A.weight", message, StringComparison.Ordinal);
        Assert.Contains("'encoder.layers.0.self_attn.q_proj', and 'head.attention.out_proj'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pooler.dense")]
    [InlineData("vit.pooler.dense")]
    public void A_pooler_has_no_part_in_the_embedding_and_what_was_trained_of_it_is_passed_over_and_told(string pooler)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenTransformer("vit");
        var path = Lora(golden.Model, "base_model.model.", ["dense"], extra: pooler);
        using var adapter = AdapterCatalog.Default.Load(path, golden.Model.AdaptableLayers);
        Assert.Equal(9, adapter.Layers.Count);
        Assert.Equal([$"base_model.model.{pooler}.lora_A.weight", $"base_model.model.{pooler}.lora_B.weight"], adapter.PassedOver);

        var broken = DamagedAdapter.CopyOf(
            path, folder, tensors: tensors => tensors[$"base_model.model.{pooler}.lora_B.weight"].fill_(float.NaN));
        Assert.Contains(
            $"{pooler}.lora_B.weight' of",
            Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(broken, golden.Model.AdaptableLayers)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_head_of_whole_numbers_is_refused_by_its_tensor()
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenTransformer("siglip");
        foreach (var type in new[] { ScalarType.Int8, ScalarType.Bool, ScalarType.Int64 })
        {
            var path = Lora(golden.Model, "base_model.model.", ["q_proj"]);
            Core.Safetensors.SafetensorsWriter.Write(Path.Combine(path, "head.safetensors"), [("weight", ones([3, 48], type))]);
            var message = Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(path, golden.Model.AdaptableLayers)).Message;
            Assert.Contains("tensor 'weight' of", message, StringComparison.Ordinal);
            Assert.Contains("has type", message, StringComparison.Ordinal);
        }
    }

    /// <summary>A LoRA of rank 2 and alpha 4 as PEFT writes one, with every layer whose name ends in a target.</summary>
    private string Lora(VisionTransformer model, string stem, string[] targets, string? without = null, string? extra = null)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        var path = Directory.CreateDirectory(folder.PathOf(Guid.NewGuid().ToString("N"))).FullName;
        var tensors = new List<(string, Tensor)>();
        foreach (var layer in model.AdaptableLayers)
            if (targets.Any(target => $".{layer.SourceName}".EndsWith($".{target}", StringComparison.Ordinal))
                && (without is null || !layer.SourceName.StartsWith(without, StringComparison.Ordinal)))
                Add(layer.SourceName, layer.InFeatures, layer.OutFeatures);
        if (extra is not null) Add(extra, model.Config.HiddenSize, model.Config.HiddenSize);
        Core.Safetensors.SafetensorsWriter.Write(Path.Combine(path, "adapter_model.safetensors"), tensors);
        File.WriteAllText(Path.Combine(path, "adapter_config.json"), new JsonObject
        {
            ["peft_type"] = "LORA",
            ["r"] = 2,
            ["lora_alpha"] = 4,
            ["target_modules"] = new JsonArray([.. targets.Concat(extra is null ? [] : [extra]).Select(name => (JsonNode)name)]),
        }.ToJsonString());
        return path;

        void Add(string name, long from, long to)
        {
            tensors.Add(($"{stem}{name}.lora_A.weight", randn([2, from], generator: generator).mul(0.3)));
            tensors.Add(($"{stem}{name}.lora_B.weight", randn([to, 2], generator: generator).mul(0.3)));
        }
    }
}
