using System.Globalization;
using LoraRecycle.Core.Safetensors;
using static TorchSharp.torch;

namespace LoraRecycle.EndToEnd;

/// <summary>Adapters of families that PEFT has no name for, of seeded noise and for the tiny model, each with the same head of two
/// classes.</summary>
internal static class PaperMarket
{
    private const int Width = 64;
    private const int Inner = 128;
    private const int Rank = 2;
    private const int Experts = 3;
    private const string Query = "self_attn.q_proj";

    public static IReadOnlyList<string> Families { get; } =
    ["lora-xs", "lora-sb", "nlora", "slora", "lamda", "sora", "loldu", "block-lora", "lofit", "mixlora"];

    /// <summary>Writes a directory for each below a folder.</summary>
    public static void Write(string folder)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var head = randn([2, 48], generator: generator);
        foreach (var family in Families)
        {
            var adapter = Directory.CreateDirectory(Path.Combine(folder, family)).FullName;
            File.WriteAllText(
                Path.Combine(adapter, "adapter_config.json"),
                $$"""{ "family": "{{family}}", "r": {{Rank}}, "lora_alpha": {{Rank}}, "blocks": 2, "num_heads": 4, "num_experts": {{Experts}}, "top_k": 2 }"""
            );
            SafetensorsWriter.Write(
                Path.Combine(adapter, "adapter_model.safetensors"),
                Enumerable
                    .Range(0, 3)
                    .SelectMany(block =>
                        Tensors(family).Select(tensor => (Name(block, tensor.Name), randn(tensor.Shape, generator: generator) * 0.3))
                    )
            );
            SafetensorsWriter.Write(Path.Combine(adapter, "head.safetensors"), [("weight", head)]);
            File.WriteAllText(Path.Combine(adapter, "classes.json"), $"""["{family} day", "{family} night"]""");
        }
    }

    private static string Name(int block, string parameter) =>
        string.Create(CultureInfo.InvariantCulture, $"vision_model.encoder.layers.{block}.{parameter}");

    private static (string Name, long[] Shape)[] Tensors(string family) => family switch
    {
        "lofit" => [("self_attn.out_proj.attn_v.1", [Width / 4]), ("self_attn.out_proj.attn_A.3", [Width / 4])],
        "block-lora" => [($"{Query}.lora_A", [Rank / 2, Width]), ($"{Query}.lora_B", [Width, Rank])],
        "mixlora" => [
            ("mlp.fc1.moe_gate", [Experts, Width]),
            .. Enumerable.Range(0, Experts).SelectMany(expert => new (string, long[])[]
            {
                ($"mlp.fc1.experts.{expert}.lora_A", [Rank, Width]), ($"mlp.fc1.experts.{expert}.lora_B", [Inner, Rank]),
                ($"mlp.fc2.experts.{expert}.lora_A", [Rank, Inner]), ($"mlp.fc2.experts.{expert}.lora_B", [Width, Rank]),
            })],
        "loldu" => [.. Factors, ($"{Query}.vector_z", [Rank]), ($"{Query}.vector_d", [Rank])],
        "sora" => [.. Factors, ($"{Query}.gate", [Rank])],
        _ => [.. Factors, ($"{Query}.{Core(family)}", [Rank, Rank])],
    };

    private static (string Name, long[] Shape)[] Factors => [($"{Query}.lora_A", [Rank, Width]), ($"{Query}.lora_B", [Width, Rank])];

    private static string Core(string family) => family switch
    {
        "lamda" => "sigma",
        "nlora" or "slora" => "lora_N",
        _ => "lora_latent_mapping",
    };
}
