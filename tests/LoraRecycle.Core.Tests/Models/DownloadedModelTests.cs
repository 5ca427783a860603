using System.Text;
using System.Text.Json.Nodes;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>Directories as people have them: old and new files, names of what a model was wrapped in, edges in lists.</summary>
public sealed class DownloadedModelTests
{
    [Theory]
    [InlineData("_orig_mod.")]
    [InlineData("module.")]
    [InlineData("_fsdp_wrapped_module.")]
    [InlineData("_orig_mod.module._fsdp_wrapped_module.")]
    public void Names_of_what_a_model_was_wrapped_in_say_nothing(string wrapper)
    {
        using var plain = new ChangedModel("clip");
        using var before = new ChangedModel("clip", tensors => Rename(tensors, name => wrapper + name));
        using var within = new ChangedModel("clip", tensors => Rename(
            tensors,
            name => name.Replace("self_attn.", $"{wrapper}self_attn.{wrapper}", StringComparison.Ordinal)
        ));
        var expected = Embedded(plain);
        Assert.Equal(expected, Embedded(before));
        Assert.Equal(expected, Embedded(within));
    }

    [Fact]
    public void A_model_that_has_a_tensor_with_and_without_a_wrapper_is_refused()
    {
        using var model = new ChangedModel(
            "clip",
            tensors => tensors["module.visual_projection.weight"] = tensors["visual_projection.weight"].add(1)
        );
        Assert.Contains(
            "'visual_projection.weight' twice",
            Assert.Throws<Core.Safetensors.SafetensorsException>(() => FoundationModel.Load(model.Folder, CPU)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_older_of_two_configurations_of_a_clip_model_counts_and_what_it_leaves_out_is_usual()
    {
        using var plain = new ChangedModel("clip", config: config => Nested(config, older: null));
        using var same = new ChangedModel("clip", config: config => Nested(config, older: vision => vision));
        using var other = new ChangedModel("clip", config: config => Nested(config, older: vision =>
        {
            vision["hidden_act"] = "gelu";
            return vision;
        }));
        Assert.Equal(Embedded(plain), Embedded(same));
        Assert.NotEqual(Embedded(plain), Embedded(other));
        using var directory = ModelDirectory.Open(other.Folder);
        Assert.Equal(Activation.Gelu, directory.Config.Activation);

        using var usual = new ChangedModel("clip", config: config => Nested(config, older: vision =>
        {
            vision.Remove("image_size");
            return vision;
        }));
        using var of224 = ModelDirectory.Open(usual.Folder);
        Assert.Equal(224, of224.Config.ImageSize);
    }

    [Theory]
    [InlineData("clip")]
    [InlineData("vit")]
    [InlineData("siglip")]
    public void A_square_may_be_a_list(string family)
    {
        using var plain = new ChangedModel(family);
        using var listed = new ChangedModel(
            family,
            config: config => (config["image_size"], config["patch_size"]) = (new JsonArray(32, 32), new JsonArray(8, 8)),
            preprocessor: """{"image_processor_type": "ViTImageProcessor", "size": [32, 32]}"""
        );
        Assert.Equal(Embedded(plain), Embedded(listed));
        using var oblong = new ChangedModel(family, config: config => config["image_size"] = new JsonArray(32, 64));
        Assert.Contains(
            "'image_size', got [32,64]",
            Assert.Throws<ModelException>(() => ModelDirectory.Open(oblong.Folder)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_preprocessing_may_be_within_the_processors_file_which_then_counts()
    {
        using var plain = new ChangedModel("clip");
        var expected = Embedded(plain);
        var own = File.ReadAllText(plain.PathOf("preprocessor_config.json"));
        File.WriteAllText(plain.PathOf("processor_config.json"), """{"processor_class": "CLIPProcessor"}""");
        Assert.Equal(expected, Embedded(plain));
        File.WriteAllText(plain.PathOf("processor_config.json"), $$"""{"image_processor": {{own}}, "processor_class": "CLIPProcessor"}""");
        File.WriteAllText(plain.PathOf("preprocessor_config.json"), """{"image_processor_type": "ViTImageProcessor", "size": 64}""");
        Assert.Equal(expected, Embedded(plain));
        File.Delete(plain.PathOf("preprocessor_config.json"));
        Assert.Equal(expected, Embedded(plain));

        File.WriteAllText(plain.PathOf("processor_config.json"), "{");
        Assert.Contains("processor_config.json", Refused(plain), StringComparison.Ordinal);
        File.Delete(plain.PathOf("processor_config.json"));
        Assert.Contains("preprocessor_config.json or processor_config.json", Refused(plain), StringComparison.Ordinal);
    }

    [Fact]
    public void Siglip_2_of_no_fixed_resolution_is_told_apart()
    {
        using var model = new ChangedModel("siglip", config: config => config["model_type"] = "siglip2");
        var message = Assert.Throws<ModelException>(() => ModelDirectory.Open(model.Folder)).Message;
        Assert.Contains("NaFlex", message, StringComparison.Ordinal);
        Assert.Contains("whose model_type is siglip", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dinov3s_layers_may_have_the_names_that_they_have_in_memory()
    {
        using var model = new ChangedModel("dinov2", tensors =>
        {
            Rename(tensors, name => name.Replace("encoder.layer.", "model.layer.", StringComparison.Ordinal)
                .Replace("attention.attention.query", "attention.q_proj", StringComparison.Ordinal)
                .Replace("attention.attention.key", "attention.k_proj", StringComparison.Ordinal)
                .Replace("attention.attention.value", "attention.v_proj", StringComparison.Ordinal)
                .Replace("attention.output.dense", "attention.o_proj", StringComparison.Ordinal)
                .Replace("fc1", "up_proj", StringComparison.Ordinal).Replace("fc2", "down_proj", StringComparison.Ordinal)
                .Replace("patch_embeddings.projection", "patch_embeddings", StringComparison.Ordinal)
                .Replace("layernorm.", "norm.", StringComparison.Ordinal));
        }, config =>
        {
            (config["model_type"], config["key_bias"], config["intermediate_size"]) = ("dinov3_vit", true, 96);
        }, """{"image_processor_type": "DINOv3ViTImageProcessorFast", "size": {"height": 28, "width": 28}}""");
        using var directory = ModelDirectory.Open(model.Folder);
        Assert.Equal("model.layer.0.mlp.up_proj", directory.AdaptableLayers.First(layer => layer.Name == "layers.0.fc1").SourceName);
        Assert.Equal((100.0, 0), (directory.Config.RotaryBase, directory.Config.RegisterCount));
        FoundationModel.Load(model.Folder, CPU).Dispose();
    }

    private static void Nested(JsonObject config, Func<JsonObject, JsonObject>? older)
    {
        var vision = JsonNode.Parse(config.ToJsonString())!.AsObject();
        var width = (int)config["projection_dim"]!;
        config.Clear();
        (config["model_type"], config["projection_dim"], config["vision_config"]) = ("clip", width, vision);
        if (older is not null) config["vision_config_dict"] = older(JsonNode.Parse(vision.ToJsonString())!.AsObject());
    }

    private static void Rename(Dictionary<string, Tensor> tensors, Func<string, string> name)
    {
        var renamed = tensors.ToDictionary(entry => name(entry.Key), entry => entry.Value);
        tensors.Clear();
        foreach (var (key, value) in renamed) tensors.Add(key, value);
    }

    private static string Refused(ChangedModel model) =>
        Assert.Throws<ModelException>(() => FoundationModel.Load(model.Folder, CPU).Dispose()).Message;

    [Fact]
    public void A_byte_order_mark_before_the_settings_is_passed_over()
    {
        using var plain = new ChangedModel("clip");
        using var marked = new ChangedModel("clip");
        foreach (var file in new[] { "config.json", "preprocessor_config.json" })
            File.WriteAllText(marked.PathOf(file), File.ReadAllText(marked.PathOf(file)), new UTF8Encoding(true));
        Assert.Equal(Embedded(plain), Embedded(marked));
    }

    [Fact]
    public void The_folder_above_a_model_is_refused_with_the_models_own()
    {
        using var model = new ChangedModel("clip");
        var cache = Directory.CreateTempSubdirectory("lora-recycle-model-").FullName;
        try
        {
            var snapshot = Path.Combine(cache, "snapshots", "0123abcd");
            Directory.CreateDirectory(Path.GetDirectoryName(snapshot)!);
            Directory.CreateSymbolicLink(snapshot, model.Folder);
            Assert.Contains(
                $"There is one in {snapshot}; name that folder.",
                Assert.Throws<ModelException>(() => ModelDirectory.Open(cache)).Message,
                StringComparison.Ordinal
            );
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    [Theory]
    [InlineData("gelu_python", Activation.Gelu)]
    [InlineData("gelu_fast", Activation.GeluTanh)]
    [InlineData("gelu_accurate", Activation.GeluTanh)]
    [InlineData("gelu_python_tanh", Activation.GeluTanh)]
    public void Other_names_of_an_activation_are_the_same_formula(string name, Activation activation) =>
        Assert.Equal(activation, Activations.Parse(name));

    private static float[] Embedded(ChangedModel directory)
    {
        using var scope = NewDisposeScope();
        using var foundation = FoundationModel.Load(directory.Folder, CPU);
        using var model = foundation.WithAdapter(null);
        using var generator = new Generator(1, CPU);
        return model.Embed(randn([1, 3, model.Config.ImageSize, model.Config.ImageSize], generator: generator)).data<float>().ToArray();
    }
}
