using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters.Lora;

/// <summary>The CLIP fixture of q and v, of rank 4 and alpha 8, as PEFT's variants of LoRA would store it.</summary>
internal static class VariantFiles
{
    public static string Kasa(ScratchFolder folder) => Variant(
        folder, config => config["kasa_config"] = new JsonObject { ["beta"] = 1e-4, ["gamma"] = 1e-3 },
        tensors =>
        {
            foreach (var prefix in Prefixes(tensors))
                tensors[$"{prefix}lora_diag"] = torch.randn([4]);
        });

    /// <summary>Two blocks: of A where the layer is v, of B where it is q.</summary>
    public static string Blocks(ScratchFolder folder) => Variant(
        folder, config => config["use_bdlora"] = new JsonObject
        {
            ["target_modules_bd_a"] = new JsonArray("v_proj"),
            ["target_modules_bd_b"] = new JsonArray("q_proj"),
            ["nblocks"] = 2,
            ["match_strict"] = true,
        },
        tensors =>
        {
            foreach (var prefix in Prefixes(tensors))
                if (prefix.Contains("v_proj", StringComparison.Ordinal)) tensors[$"{prefix}lora_A.weight"] = torch.randn([4, 32]);
                else tensors[$"{prefix}lora_B.weight"] = torch.randn([64, 2]);
        });

    public static string BiasOfB(ScratchFolder folder) => Variant(
        folder, config => config["lora_bias"] = true,
        tensors =>
        {
            foreach (var prefix in Prefixes(tensors))
                tensors[$"{prefix}lora_B.bias"] = torch.randn([64]);
        });

    /// <summary>One layer of queries, keys and values, with one more tensor.</summary>
    public static string Fused(ScratchFolder folder, string parameter, torch.Tensor value, Action<JsonObject> config) =>
        DamagedAdapter.Copy(
            folder,
            "lora_qv",
            settings =>
            {
                settings["target_modules"] = new JsonArray("blocks.0.attn.qkv");
                config(settings);
            },
            tensors =>
            {
                tensors.Clear();
                tensors["base_model.model.blocks.0.attn.qkv.lora_A.weight"] = torch.ones([4, 64]);
                tensors["base_model.model.blocks.0.attn.qkv.lora_B.weight"] = torch.ones([192, 4]);
                tensors[$"base_model.model.blocks.0.attn.qkv.{parameter}"] = value;
            }
        );

    /// <summary>A, B and KaSA's diagonal (ones where there is none) of the adapter that was made last.</summary>
    public static (torch.Tensor A, torch.Tensor B, torch.Tensor Diagonal) Factors(ScratchFolder folder, AdaptableLayer layer)
    {
        using var file = Open(folder);
        var prefix = $"base_model.model.{layer.SourceName}.";
        return (
            file.Read($"{prefix}lora_A.weight"), file.Read($"{prefix}lora_B.weight"),
            file.Entries.ContainsKey($"{prefix}lora_diag") ? file.Read($"{prefix}lora_diag") : torch.ones(4));
    }

    /// <summary>One tensor of the adapter that was made last.</summary>
    public static torch.Tensor Read(ScratchFolder folder, AdaptableLayer layer, string parameter)
    {
        using var file = Open(folder);
        return file.Read($"base_model.model.{layer.SourceName}.{parameter}");
    }

    private static string Variant(ScratchFolder folder, Action<JsonObject> config, Action<Dictionary<string, torch.Tensor>> tensors)
    {
        torch.manual_seed(13);
        var copy = DamagedAdapter.Copy(folder, "lora_qv", config, tensors);
        File.Copy(Path.Combine(copy, "adapter_model.safetensors"), folder.PathOf("variant.safetensors"), overwrite: true);
        return copy;
    }

    private static SafetensorsFile Open(ScratchFolder folder) => SafetensorsFile.Open(folder.PathOf("variant.safetensors"));

    private static IReadOnlyList<string> Prefixes(Dictionary<string, torch.Tensor> tensors) =>
        [
            .. tensors
                .Keys.Where(key => key.EndsWith("lora_A.weight", StringComparison.Ordinal))
                .Select(key => key[..^"lora_A.weight".Length]),
        ];
}
