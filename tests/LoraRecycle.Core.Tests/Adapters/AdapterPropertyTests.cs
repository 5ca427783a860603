using FsCheck;
using FsCheck.Fluent;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Tests.Adapters.Papers;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Adapters;

public sealed class AdapterPropertyTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");

    public void Dispose()
    {
        folder.Dispose();
        model.Dispose();
    }

    [Theory]
    [InlineData("lora_qv", "adapter_model.safetensors")]
    [InlineData("dora_all", "adapter_model.safetensors")]
    [InlineData("lora_rank_pattern", "adapter_config.json")]
    [InlineData("paper_format", "lora_0.safetensors")]
    [InlineData("vera", "adapter_model.safetensors")]
    [InlineData("vera", "adapter_config.json")]
    [InlineData("randlora", "adapter_model.safetensors")]
    [InlineData("randlora", "adapter_config.json")]
    [InlineData("loha", "adapter_model.safetensors")]
    [InlineData("loha", "adapter_config.json")]
    [InlineData("lokr", "adapter_model.safetensors")]
    [InlineData("lokr", "adapter_config.json")]
    [InlineData("ia3", "adapter_model.safetensors")]
    [InlineData("ia3", "adapter_config.json")]
    [InlineData("oft", "adapter_model.safetensors")]
    [InlineData("oft", "adapter_config.json")]
    [InlineData("boft", "adapter_model.safetensors")]
    [InlineData("boft", "adapter_config.json")]
    [InlineData("hra", "adapter_model.safetensors")]
    [InlineData("hra", "adapter_config.json")]
    [InlineData("fourierft", "adapter_model.safetensors")]
    [InlineData("fourierft", "adapter_config.json")]
    [InlineData("vblora", "adapter_model.safetensors")]
    [InlineData("vblora", "adapter_config.json")]
    [InlineData("kasa", "adapter_model.safetensors")]
    [InlineData("kasa", "adapter_config.json")]
    [InlineData("bdlora", "adapter_model.safetensors")]
    [InlineData("bdlora", "adapter_config.json")]
    [InlineData("lora_bias_b", "adapter_config.json")]
    [InlineData("layers_to_transform", "adapter_config.json")]
    [InlineData("exclude_modules", "adapter_config.json")]
    [InlineData("boft_bias", "adapter_model.safetensors")]
    [InlineData("lora_head", "adapter_model.safetensors")]
    [InlineData("lora_head", "adapter_config.json")]
    public void A_real_adapter_with_damage_is_read_or_refused(string name, string damaged)
    {
        foreach (
            var source in Directory
                .GetFiles(GoldenModel.AdapterPath("clip", name))
                .Where(path => Path.GetFileName(path) != "expected.safetensors")
        )
            File.Copy(source, folder.PathOf(Path.GetFileName(source)));
        ReadOrRefused(folder.Path, damaged);
    }

    [Theory]
    [InlineData("lora-xs")]
    [InlineData("lora-sb")]
    [InlineData("nlora")]
    [InlineData("slora")]
    [InlineData("lamda")]
    [InlineData("sora")]
    [InlineData("loldu")]
    [InlineData("block-lora")]
    [InlineData("lofit")]
    [InlineData("mixlora")]
    public void A_papers_adapter_with_damage_is_read_or_refused(string family)
    {
        ReadOrRefused(PaperAdapter.Write(folder, family), AdapterFiles.TensorsName);
        ReadOrRefused(PaperAdapter.Write(folder, family), AdapterConfig.FileName);
    }

    private void ReadOrRefused(string directory, string damaged)
    {
        var original = File.ReadAllBytes(Path.Combine(directory, damaged));
        var mutated = damaged.EndsWith(".json", StringComparison.Ordinal)
            ? HostileBytes.MutatedText(original)
            : HostileBytes.Mutated(original);

        Prop.ForAll(mutated.ToArbitrary(), bytes =>
        {
            File.WriteAllBytes(Path.Combine(directory, damaged), bytes);
            try
            {
                using var adapter = AdapterCatalog.Default.Load(directory, model.Layers);
                Assert.True(adapter.Layers.Count + adapter.Mixtures.Count > 0);
            }
            catch (AdapterException)
            {
                // Refused, as it may be; any other exception fails the property.
            }
        }).Check(HostileBytes.Seeded(300));
    }
}
