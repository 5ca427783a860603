using System.Globalization;
using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Tests.Safetensors;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters.Papers;

/// <summary>Adapters of the papers' families for the golden CLIP, of seeded noise, in the layout of docs/adapters.md.</summary>
internal static class PaperAdapter
{
    public const int Rank = 4;
    public const int Blocks = 2;
    public const int Heads = 4;
    public const int Experts = 4;
    public const int Chosen = 2;
    public const double Scale = 2;

    private const string Stem = "vision_model.encoder.layers.";

    /// <summary>Families of single layers, whose adapters can be merged.</summary>
    public static IReadOnlyList<string> Mergeable { get; } =
    ["lora-xs", "lora-sb", "nlora", "slora", "lamda", "sora", "loldu", "block-lora", "lofit"];

    /// <summary>Writes an adapter of a family.</summary>
    /// <returns>Its directory.</returns>
    public static string Write(
        ScratchFolder folder,
        string family,
        Action<JsonObject>? config = null,
        Action<Dictionary<string, Tensor>>? tensors = null
    )
    {
        using var scope = NewDisposeScope();
        var settings = new JsonObject
        {
            ["family"] = family,
            ["r"] = Rank,
            ["lora_alpha"] = Scale * Rank,
            ["base_model_name_or_path"] = "tiny-clip",
        };
        foreach (var (name, value) in Settings(family))
            settings[name] = value;
        config?.Invoke(settings);
        var values = Tensors(family);
        tensors?.Invoke(values);

        var directory = Directory.CreateDirectory(folder.PathOf(Guid.NewGuid().ToString("N"))).FullName;
        File.WriteAllText(System.IO.Path.Combine(directory, AdapterConfig.FileName), settings.ToJsonString());
        SafetensorsWriter.Write(System.IO.Path.Combine(directory, AdapterFiles.TensorsName), values.Select(pair => (pair.Key, pair.Value)));
        return directory;
    }

    /// <summary>The path of a layer in the golden CLIP.</summary>
    public static string Layer(int block, string module) => string.Create(CultureInfo.InvariantCulture, $"{Stem}{block}.{module}");

    /// <summary>What <see cref="Write"/> writes, by key.</summary>
    public static Dictionary<string, Tensor> Tensors(string family)
    {
        using var generator = new Generator(17);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var block = 0; block < 3; block++)
            Add(block);
        return tensors;

        void Add(int block)
        {
            if (family == "lofit")
            {
                // Head 2 is left alone; only some of the others are scaled.
                foreach (var head in new[] { 0, 1, 3 })
                    Put($"{Layer(block, "self_attn.out_proj")}.attn_v.{head}", 64 / Heads);
                Put($"{Layer(block, "self_attn.out_proj")}.attn_A.{block}", 64 / Heads);
                return;
            }
            foreach (var module in new[] { "self_attn.q_proj", "self_attn.v_proj" })
            {
                Put($"{Layer(block, module)}.lora_A", family == "block-lora" ? Rank / Blocks : Rank, 64);
                Put($"{Layer(block, module)}.lora_B", 64, Rank);
                foreach (var (name, shape) in Cores(family))
                    Put($"{Layer(block, module)}.{name}", shape);
                if (family == "sora")
                    tensors[$"{Layer(block, module)}.gate"].narrow(0, 1, 1).zero_();
            }
            if (family == "mixlora")
                AddExperts(block);
        }

        void AddExperts(int block)
        {
            Put($"{Layer(block, "mlp.fc1")}.moe_gate.weight", Experts, 64);
            for (var expert = 0; expert < Experts; expert++)
                foreach (var (module, from, to) in new[] { ("fc1", 64, 128), ("fc2", 128, 64) })
                {
                    Put($"{Layer(block, $"mlp.{module}")}.experts.{expert}.lora_A", Rank, from);
                    Put($"{Layer(block, $"mlp.{module}")}.experts.{expert}.lora_B", to, Rank);
                }
        }

        void Put(string name, params long[] shape) => tensors[name] = randn(shape, generator: generator).mul(0.3);
    }

    /// <summary>The adapters' cores.</summary>
    private static (string Name, long[] Shape)[] Cores(string family) => family switch
    {
        "lora-xs" or "lora-sb" => [("lora_latent_mapping", [Rank, Rank])],
        "nlora" or "slora" => [("lora_N", [Rank, Rank])],
        "lamda" => [("sigma", [Rank, Rank])],
        "sora" => [("gate", [Rank])],
        "loldu" => [("vector_z", [Rank]), ("vector_d", [Rank])],
        _ => [],
    };

    private static (string Name, JsonNode Value)[] Settings(string family) => family switch
    {
        "block-lora" => [("blocks", Blocks)],
        "lofit" => [("num_heads", Heads)],
        "mixlora" => [("num_experts", Experts), ("top_k", Chosen)],
        _ => [],
    };
}
