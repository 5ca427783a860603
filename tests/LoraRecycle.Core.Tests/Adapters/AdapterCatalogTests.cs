using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Adapters;

public sealed class AdapterCatalogTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");

    public void Dispose()
    {
        folder.Dispose();
        model.Dispose();
    }

    [Fact]
    public void A_family_that_is_not_read_is_refused_by_its_name()
    {
        var message = Load(DamagedAdapter.Copy(folder, "lora_qv", config => config["peft_type"] = "PSOFT"));
        Assert.Contains("family 'PSOFT', which is not supported", message, StringComparison.Ordinal);
        Assert.Contains(
            "supported are lora, lora-recycle, vera, randlora, loha, lokr, ia3, oft, boft, hra, fourierft, vblora",
            message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void One_of_pefts_files_stands_for_the_directory()
    {
        var directory = GoldenModel.AdapterPath("clip", "lora_qv");
        using var byDirectory = AdapterCatalog.Default.Load(directory, model.Layers);
        using var byFile = AdapterCatalog.Default.Load(Path.Combine(directory, "adapter_model.safetensors"), model.Layers);
        Assert.Equal(("lora", byDirectory.Revision), (byFile.Family, byFile.Revision));
    }

    [Fact]
    public void A_revision_follows_the_settings_and_the_weights()
    {
        using var one = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", "lora_qv"), model.Layers);
        using var other = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", "rslora_all"), model.Layers);
        Assert.Equal(64, one.Revision.Length);
        Assert.NotEqual(one.Revision, other.Revision);

        var copy = DamagedAdapter.Copy(folder, "lora_qv", config => config["lora_alpha"] = 9);
        using var changed = AdapterCatalog.Default.Load(copy, model.Layers);
        Assert.NotEqual(one.Revision, changed.Revision);
    }

    [Fact]
    public void An_adapter_for_another_model_is_refused_with_the_names_on_both_sides()
    {
        var message = Load(GoldenModel.AdapterPath("dinov2", "lora_qv"));
        Assert.Contains("'base_model.model.encoder.layer.0.attention.attention.query.lora_A.weight'", message, StringComparison.Ordinal);
        Assert.Contains("vision_model.encoder.layers.0.self_attn.q_proj", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_without_an_adapter_is_refused()
    {
        Assert.Contains("no adapter at", Load(folder.PathOf("missing")), StringComparison.Ordinal);
        Assert.Contains("has no adapter", Load(folder.Path), StringComparison.Ordinal);

        File.Copy(Path.Combine(GoldenModel.AdapterPath("clip", "lora_qv"), "adapter_config.json"), folder.PathOf("adapter_config.json"));
        Assert.Contains("no adapter_model.safetensors", Load(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_in_place_of_an_adapter_is_refused_with_its_tensors() =>
        Assert.Contains(
            "of no known adapter family",
            Load(Path.Combine(GoldenModel.AdapterPath("clip", ".."), "model")),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_directory_of_several_adapters_asks_for_one()
    {
        var source = Path.Combine(GoldenModel.AdapterPath("clip", "paper_format"), "lora_0.safetensors");
        File.Copy(source, folder.PathOf("lora_0.safetensors"));
        File.Copy(source, folder.PathOf("lora_1.safetensors"));
        var message = Load(folder.Path);
        Assert.Contains("holds 2 adapters", message, StringComparison.Ordinal);
        Assert.Contains("'lora_1.safetensors'", message, StringComparison.Ordinal);
        AdapterCatalog.Default.Load(folder.PathOf("lora_1.safetensors"), model.Layers).Dispose();
    }

    [Fact]
    public void The_folder_above_adapters_is_refused_with_their_names()
    {
        var parent = Directory.CreateDirectory(folder.PathOf("saved")).FullName;
        foreach (var name in new[] { "flowers", "checkpoint-100" })
            Directory.Move(DamagedAdapter.Copy(folder, "lora_qv"), Path.Combine(parent, name));
        File.WriteAllText(Path.Combine(parent, "README.md"), "as PEFT writes it");
        Assert.Contains(
            $"There are adapters in '{Path.Combine(parent, "checkpoint-100")}', '{Path.Combine(parent, "flowers")}'; name one",
            Load(parent),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("adapter_model.bin")]
    [InlineData("pytorch_lora_weights.safetensors")]
    public void Weights_under_another_name_are_named(string other)
    {
        var directory = DamagedAdapter.Copy(folder, "lora_qv");
        File.Move(Path.Combine(directory, "adapter_model.safetensors"), Path.Combine(directory, other));
        Assert.Contains($"no adapter_model.safetensors, only '{other}'", Load(directory), StringComparison.Ordinal);
    }

    [Fact]
    public void Gaussian_is_read_in_any_case_as_in_peft()
    {
        using var adapter = AdapterCatalog.Default.Load(
            DamagedAdapter.Copy(folder, "lora_qv", config => config["init_lora_weights"] = "Gaussian"),
            model.Layers
        );
        Assert.Equal("lora", adapter.Family);
    }

    private string Load(string path) => Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(path, model.Layers)).Message;
}
