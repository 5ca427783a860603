using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters.Peft;

/// <summary>Modules that were trained whole beside an adapter: one that is a head, and all the others.</summary>
public sealed class PeftHeadTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
        model.Dispose();
    }

    [Theory]
    [InlineData("lora_qv")]
    [InlineData("vera")]
    [InlineData("randlora")]
    [InlineData("loha")]
    [InlineData("lokr")]
    [InlineData("ia3")]
    [InlineData("oft")]
    [InlineData("boft")]
    [InlineData("hra")]
    [InlineData("fourierft")]
    [InlineData("vblora")]
    public void A_linear_classifier_becomes_the_head_in_every_family(string name)
    {
        using var plain = Load(GoldenModel.AdapterPath("clip", name));
        using var adapter = Load(
            Copy(
                name,
                ["classifier", "score"],
                ("classifier.weight", torch.arange(144).view(3, 48).to(torch.float32)),
                ("classifier.bias", torch.arange(3).to(torch.float32))
            )
        );
        Assert.Equal(
            (plain.Family, plain.Layers.Count, 3L, 48L),
            (adapter.Family, adapter.Layers.Count, adapter.Head!.Classes, adapter.Head.InFeatures)
        );
        Assert.Equal(Enumerable.Range(0, 144).Select(value => (float)value), adapter.Head.Weight.data<float>().ToArray());
        Assert.Equal([0f, 1, 2], adapter.Head.Bias!.data<float>().ToArray());
        Assert.Empty(adapter.ClassNames);
        Assert.NotEqual(plain.Revision, adapter.Revision);
    }

    [Theory]
    [InlineData("head", "head.weight")]
    [InlineData("heads.head", "heads.head.weight")]
    [InlineData("fc", "model.fc.weight")]
    [InlineData("classifier", "classifier.modules_to_save.default.weight")]
    [InlineData("classifier", "classifier.modules_to_save.weight")]
    [InlineData("classifier", "classifier.modules_to_save.my_adapter.weight")]
    public void A_head_goes_by_several_names_and_needs_no_bias(string module, string key)
    {
        using var adapter = Load(Copy("lora_qv", [module], (key, torch.ones([2, 48]))));
        Assert.Equal((2L, (torch.Tensor?)null), (adapter.Head!.Classes, adapter.Head.Bias));
    }

    [Fact]
    public void The_names_of_its_classes_are_beside_it()
    {
        var copy = Copy("hra", ["classifier"], ("classifier.weight", torch.ones([2, 48])));
        // With the byte order mark that editors on Windows write.
        File.WriteAllText(Path.Combine(copy, "classes.json"), "\ufeff" + """["cup", "chair"]""");
        using (var adapter = Load(copy))
            Assert.Equal(["cup", "chair"], adapter.ClassNames);

        File.WriteAllText(Path.Combine(copy, "classes.json"), """["cup"]""");
        Assert.Contains("the 2 classes of the head; it names 1", Refused(copy), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_classes_without_any_head_are_refused()
    {
        var copy = DamagedAdapter.Copy(folder, "lora_qv");
        File.WriteAllText(Path.Combine(copy, "classes.json"), """["cup", "chair"]""");
        Assert.Contains("there is no head", Refused(copy), StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_in_the_file_and_one_beside_it_are_one_too_many()
    {
        var copy = Copy("lora_qv", ["classifier"], ("classifier.weight", torch.ones([2, 48])));
        SafetensorsWriter.Write(Path.Combine(copy, "head.safetensors"), [("weight", torch.ones([2, 48]))]);
        Assert.Contains("second head", Refused(copy), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_heads_in_the_file_are_one_too_many() =>
        Assert.Contains(
            "2 heads ('classifier', 'score')",
            Refused(
                Copy("lora_qv", ["classifier", "score"], ("classifier.weight", torch.ones([2, 48])), ("score.weight", torch.ones([2, 48])))
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_head_for_other_embeddings_is_refused_where_it_is_needed()
    {
        using var adapter = Load(Copy("lora_qv", ["classifier"], ("classifier.weight", torch.ones([2, 64]))));
        Assert.Contains(
            "embeddings of 64 values; this model's have 48",
            Assert.Throws<AdapterException>(() => adapter.RequireHead(48)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("SiglipForImageClassification", "the mean of the patches' tokens")]
    [InlineData("CLIPForImageClassification", "the mean of the patches' tokens")]
    [InlineData("Dinov2ForImageClassification", "the class token beside")]
    public void A_head_over_something_else_than_the_embedding_is_refused(string trainedIn, string input)
    {
        var copy = DamagedAdapter.CopyOf(
            Copy("lora_qv", ["classifier"], ("classifier.weight", torch.ones([2, 48]))),
            folder,
            config => config["auto_mapping"]!["base_model_class"] = trainedIn
        );
        var message = Refused(copy);
        Assert.Contains(trainedIn, message, StringComparison.Ordinal);
        Assert.Contains(input, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("visual_projection", "visual_projection.weight", "48,64")]
    [InlineData("post_layernorm", "vision_model.post_layernorm.weight", "64")]
    [InlineData("classifier", "classifier.0.weight", "2,48")]
    [InlineData("classifier", "classifier.weight", "2,48,1")]
    [InlineData("classifier", "classifier.weight", "0,48")]
    [InlineData("classifier", "classifier.bias", "2")]
    [InlineData("classifier", "classifier.original_module.weight", "2,48")]
    [InlineData("position_embedding", "vision_model.embeddings.position_embedding.weight", "17,64")]
    public void A_module_that_is_no_linear_head_is_named_with_what_to_do(string module, string key, string shape)
    {
        var message = Refused(Copy("ia3", [module], (key, torch.ones([.. shape.Split(',').Select(long.Parse)]))));
        Assert.Contains($"base_model.model.{key}'", message, StringComparison.Ordinal);
        Assert.Contains("not a linear head", message, StringComparison.Ordinal);
        Assert.Contains("Train the adapter with that module frozen", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_layer_in_place_of_its_adapter_is_no_head()
    {
        var copy = DamagedAdapter.Copy(
            folder,
            "lora_qv",
            config => config["modules_to_save"] = new JsonArray("layers.1.self_attn.v_proj"),
            tensors =>
            {
                foreach (var key in tensors.Keys.Where(key => key.Contains("1.self_attn.v_proj", StringComparison.Ordinal)).ToArray())
                    tensors.Remove(key);
                tensors["base_model.model.vision_model.encoder.layers.1.self_attn.v_proj.weight"] = torch.ones([64, 64]);
            }
        );
        Assert.Contains("'vision_model.encoder.layers.1.self_attn.v_proj'", Refused(copy), StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_that_the_settings_announce_has_to_be_there() =>
        Assert.Contains(
            "no tensor of 'classifier', 'score', although modules_to_save",
            Refused(Copy("lora_qv", ["classifier", "score"])),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_head_that_the_settings_do_not_announce_is_a_tensor_for_no_layer() =>
        Assert.Contains(
            "'base_model.model.classifier.weight'",
            Refused(Copy("lora_qv", [], ("classifier.weight", torch.ones([2, 48])))),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("nan", "'base_model.model.classifier.weight'", "NaN or infinite")]
    [InlineData("bias", "'base_model.model.classifier.bias'", "expected [2]")]
    [InlineData("type", "'base_model.model.classifier.weight'", "type I64")]
    public void A_damaged_head_is_named(string damage, string tensor, string reason)
    {
        var message = Refused(
            Copy(
                "vera",
                ["classifier"],
                (
                    "classifier.weight",
                    damage switch
                    {
                        "nan" => torch.full([2, 48], float.NaN),
                        "type" => torch.ones([2, 48], torch.int64),
                        _ => torch.ones([2, 48]),
                    }
                ),
                ("classifier.bias", torch.ones(damage == "bias" ? 3 : 2))
            )
        );
        Assert.Contains(tensor, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"classifier\"")]
    [InlineData("[1]")]
    [InlineData("[\"\"]")]
    [InlineData("[\"classifier\",\"(((\"]")]
    [InlineData("{\"classifier\":true}")]
    public void A_list_that_makes_no_sense_is_named(string value) => Assert.Contains(
        "modules_to_save",
        Refused(DamagedAdapter.Copy(
            folder, "lora_qv", config => config["modules_to_save"] = JsonNode.Parse(value),
            tensors => tensors["base_model.model.classifier.weight"] = torch.ones([2, 48]))),
        StringComparison.Ordinal);

    [Fact]
    public void Names_by_the_thousand_are_refused() =>
        Assert.Contains(
            "modules_to_save with 5000 names",
            Refused(Copy("lora_qv", [.. Enumerable.Range(0, 5000).Select(i => $"a{i}")])),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_path_of_hundreds_of_modules_is_a_tensor_for_no_layer() =>
        Assert.Contains(
            "tensors for layers that this model does not have",
            Refused(
                Copy(
                    "lora_qv",
                    ["classifier"],
                    (string.Concat(Enumerable.Repeat("classifier.", 50)) + "weight", torch.ones(1)),
                    ("classifier.weight", torch.ones([2, 48]))
                )
            ),
            StringComparison.Ordinal
        );

    private string Copy(string name, string[] modules, params (string Key, torch.Tensor Value)[] added) =>
        DamagedAdapter.Copy(
            folder,
            name,
            config => config["modules_to_save"] = new JsonArray([.. modules.Select(module => (JsonNode)module)]),
            tensors =>
            {
                foreach (var (key, value) in added)
                    tensors[$"base_model.model.{key}"] = value;
            }
        );

    private Adapter Load(string path) => AdapterCatalog.Default.Load(path, model.Layers);

    private string Refused(string path) => Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(path, model.Layers)).Message;
}
