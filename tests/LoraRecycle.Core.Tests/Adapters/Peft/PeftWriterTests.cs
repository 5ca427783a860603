using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters.Peft;

/// <summary>What is written, against what PEFT wrote and against what the catalog reads back.</summary>
public sealed class PeftWriterTests
{
    [Theory]
    [InlineData("clip")]
    [InlineData("dinov2")]
    public void A_lora_is_written_byte_for_byte_as_peft_wrote_it(string family)
    {
        using var folder = new ScratchFolder();
        using var model = GoldenModel.Of(family);
        var golden = GoldenModel.AdapterPath(family, "lora_qv");
        using var adapter = AdapterCatalog.Default.Load(golden, model.Layers);

        PeftWriter.Write(folder.PathOf("copy"), adapter, model.Layers, "tiny");

        Assert.Equal(
            File.ReadAllBytes(Path.Combine(golden, "adapter_model.safetensors")),
            File.ReadAllBytes(folder.PathOf("copy", "adapter_model.safetensors"))
        );
        var (theirs, ours) = (Settings(golden), Settings(folder.PathOf("copy")));
        Assert.Equal(theirs.Select(setting => setting.Key), ours.Select(setting => setting.Key));
        foreach (
            var (name, value) in theirs.Where(setting =>
                setting.Key is not ("auto_mapping" or "base_model_name_or_path" or "target_modules")
            )
        )
            Assert.True(JsonNode.DeepEquals(value, ours[name]), $"{name}: {value} and {ours[name]}");
        Assert.Equal(Names(theirs["target_modules"]!), Names(ours["target_modules"]!));
    }

    [Fact]
    public void Ranks_and_alphas_of_their_own_become_patterns()
    {
        using var folder = new ScratchFolder();
        using var model = GoldenModel.Of("clip");
        using var adapter = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", "lora_rank_pattern"), model.Layers);

        PeftWriter.Write(folder.PathOf("copy"), adapter, model.Layers, "tiny");

        using var read = AdapterCatalog.Default.Load(folder.PathOf("copy"), model.Layers);
        Assert.Equal(18, read.Layers.Count);
        Assert.True(adapter.Layers.Values.Cast<LoraLayer>().Select(layer => layer.Rank).Distinct().Count() > 1);
        foreach (var (name, layer) in adapter.Layers)
            AssertSame((LoraLayer)layer, (LoraLayer)read.Layers[name]);
    }

    [Fact]
    public void Biases_that_were_trained_come_back()
    {
        using var folder = new ScratchFolder();
        using var model = GoldenModel.Of("clip");
        var golden = GoldenModel.AdapterPath("clip", "lora_bias");
        using var adapter = AdapterCatalog.Default.Load(golden, model.Layers);

        PeftWriter.Write(folder.PathOf("copy"), adapter, model.Layers, "tiny");

        Assert.Equal(
            File.ReadAllBytes(Path.Combine(golden, "adapter_model.safetensors")),
            File.ReadAllBytes(folder.PathOf("copy", "adapter_model.safetensors"))
        );
        Assert.Equal("lora_only", (string?)Settings(folder.PathOf("copy"))["bias"]);
        using var read = AdapterCatalog.Default.Load(folder.PathOf("copy"), model.Layers);
        Assert.Equal(
            ((LoraLayer)adapter.Layers["layers.0.q"]).Bias!.data<float>().ToArray(),
            ((LoraLayer)read.Layers["layers.0.q"]).Bias!.data<float>().ToArray()
        );
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32, true, 0)]
    [InlineData(torch.ScalarType.Float32, false, 0)]
    [InlineData(torch.ScalarType.Float16, true, 1e-3)]
    public void Head_and_class_names_come_back_through_the_catalog(torch.ScalarType dtype, bool hasBias, double tolerance)
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new ScratchFolder();
        using var model = GoldenModel.Of("clip");
        torch.manual_seed(5);
        using var adapter = new Adapter(
            "lora",
            "",
            new Dictionary<string, LayerAdapter>
            {
                ["layers.1.k"] = new LoraLayer("layers.1.k", torch.randn(2, 64), torch.randn(64, 2), scale: 0.3),
            },
            new ClassificationHead(torch.randn(3, 48), hasBias ? torch.randn([3]) : null),
            ["a cup", "Stuhl", "犬"]
        );

        PeftWriter.Write(folder.PathOf("lora"), adapter, model.Layers, "tiny", dtype);
        using var read = AdapterCatalog.Default.Load(folder.PathOf("lora"), model.Layers);

        Assert.Equal(["a cup", "Stuhl", "犬"], read.ClassNames);
        Assert.InRange(Formula.RelativeError(read.Head!.Weight.detach(), adapter.Head!.Weight.detach()), 0, tolerance);
        Assert.Equal(hasBias, read.Head.Bias is not null);
        if (hasBias) Assert.InRange(Formula.RelativeError(read.Head.Bias!.detach(), adapter.Head.Bias!.detach()), 0, tolerance);
        var lora = Assert.IsType<LoraLayer>(Assert.Single(read.Layers).Value);
        Assert.Equal(0.3, lora.Scale, 1e-9);
        Assert.InRange(Formula.RelativeError(lora.B.detach(), ((LoraLayer)adapter.Layers["layers.1.k"]).B.detach()), 0, tolerance);
        Assert.Equal(
            ["adapter_config.json", "adapter_model.safetensors", "classes.json", "head.safetensors"],
            Directory.GetFileSystemEntries(folder.PathOf("lora")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Another_head_is_another_revision()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new ScratchFolder();
        using var model = GoldenModel.Of("clip");
        var revisions = new List<string>();
        foreach (var value in new[] { 1f, 1f, 2f })
        {
            using var adapter = new Adapter("lora", "", Ones(), new ClassificationHead(torch.full([2, 48], value)), ["a", "b"]);
            PeftWriter.Write(folder.PathOf("lora"), adapter, model.Layers, "tiny");
            using var read = AdapterCatalog.Default.Load(folder.PathOf("lora"), model.Layers);
            revisions.Add(read.Revision);
        }

        Assert.Equal(revisions[0], revisions[1]);
        Assert.NotEqual(revisions[0], revisions[2]);
    }

    [Fact]
    public void Only_the_layers_that_were_adapted_are_named_as_targets()
    {
        using var model = GoldenModel.Of("clip");
        var layers = model.Layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);

        Assert.Equal(["k_proj"], Targets(["layers.0.k", "layers.1.k", "layers.2.k"]));
        Assert.Equal(["vision_model.encoder.layers.1.self_attn.k_proj"], Targets(["layers.1.k"]));
        Assert.Equal(
            ["vision_model.encoder.layers.0.mlp.fc1", "vision_model.encoder.layers.1.mlp.fc1", "vision_model.encoder.layers.2.mlp.fc1"],
            Targets(["layers.0.fc1", "layers.1.fc1", "layers.2.fc1"]));

        IReadOnlyList<string> Targets(string[] names) => PeftLoraSettings.Targets([.. names.Select(name => layers[name])], model.Layers);
    }

    [Fact]
    public void What_is_no_plain_lora_is_refused_and_leaves_nothing_behind()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new ScratchFolder();
        using var model = GoldenModel.Of("clip");
        using var dora = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", "dora_all"), model.Layers);
        using var foreign = new Adapter(
            "lora",
            "",
            new Dictionary<string, LayerAdapter>
            {
                ["layers.9.q"] = new LoraLayer("layers.9.q", torch.ones([1, 64]), torch.ones([64, 1]), 1),
            }
        );
        using var large = new Adapter(
            "lora",
            "",
            new Dictionary<string, LayerAdapter>
            {
                ["layers.0.q"] = new LoraLayer("layers.0.q", torch.ones([1, 64]) * 1e5, torch.ones([64, 1]), 1),
            }
        );

        foreach (var adapter in new[] { dora, foreign, large })
            Assert.Throws<AdapterException>(() =>
                PeftWriter.Write(folder.PathOf("lora"), adapter, model.Layers, "tiny", torch.ScalarType.Float16)
            );

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("head.safetensors")]
    [InlineData("classes.json")]
    [InlineData("nan")]
    [InlineData("bias")]
    [InlineData("names")]
    public void A_damaged_head_is_refused(string damage)
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new ScratchFolder();
        using var model = GoldenModel.Of("clip");
        using var adapter = new Adapter("lora", "", Ones(), new ClassificationHead(torch.ones([2, 48])), ["a", "b"]);
        PeftWriter.Write(folder.PathOf("lora"), adapter, model.Layers, "tiny");
        var head = folder.PathOf("lora", "head.safetensors");
        switch (damage)
        {
            case "nan": SafetensorsWriter.Write(head, [("weight", torch.full([2, 48], float.NaN))]); break;
            case "bias": SafetensorsWriter.Write(head, [("weight", torch.ones([2, 48])), ("bias", torch.ones([3]))]); break;
            case "names": File.WriteAllText(folder.PathOf("lora", "classes.json"), """["a", "b", "c"]"""); break;
            default: File.WriteAllText(folder.PathOf("lora", damage), "{"); break;
        }

        var refusal = Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(folder.PathOf("lora"), model.Layers));

        Assert.Contains(
            damage is "classes.json" or "names" ? "classes.json" : "head.safetensors",
            refusal.Message,
            StringComparison.Ordinal
        );
    }

    private static Dictionary<string, LayerAdapter> Ones() =>
        new() { ["layers.0.q"] = new LoraLayer("layers.0.q", torch.ones([1, 64]), torch.ones([64, 1]), 1) };

    private static JsonObject Settings(string directory) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "adapter_config.json")))!.AsObject();

    private static IEnumerable<string> Names(JsonNode targets) =>
        targets.AsArray().Select(name => name!.GetValue<string>()).Order(StringComparer.Ordinal);

    private static void AssertSame(LoraLayer expected, LoraLayer actual)
    {
        Assert.Equal((expected.Rank, expected.Scale), (actual.Rank, actual.Scale));
        Assert.Equal(expected.A.data<float>().ToArray(), actual.A.data<float>().ToArray());
        Assert.Equal(expected.B.data<float>().ToArray(), actual.B.data<float>().ToArray());
    }
}
