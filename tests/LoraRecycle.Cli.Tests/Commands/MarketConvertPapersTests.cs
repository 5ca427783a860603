using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Cli.Tests.Commands;

/// <summary>Adapters of families that PEFT has no name for, as LoRA.</summary>
public sealed class MarketConvertPapersTests : IDisposable
{
    private const string Layer = "vision_model.encoder.layers.0.";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_square_between_two_factors_is_written_exactly()
    {
        using var scope = NewDisposeScope();
        Write(
            """{ "family": "lora-xs", "r": 2, "lora_alpha": 2 }""",
            ("self_attn.q_proj.lora_A", [2, 64]),
            ("self_attn.q_proj.lora_B", [64, 2]),
            ("self_attn.q_proj.lora_latent_mapping", [2, 2])
        );
        var report = JsonNode.Parse((await Convert("--json")).AssertDone().Output)!;
        Assert.Equal(
            ("lora-xs", true, 4, 2),
            ((string?)report["family"], (bool)report["isExact"]!, (int)report["parameters"]!, (int)report["layers"]![0]!["rank"]!)
        );
    }

    [Fact]
    public async Task A_mixture_of_experts_is_refused_with_the_reason()
    {
        using var scope = NewDisposeScope();
        Write(
            """{ "family": "mixlora", "r": 2, "lora_alpha": 2, "num_experts": 1, "top_k": 1 }""",
            ("mlp.fc1.moe_gate.weight", [1, 64]), ("mlp.fc1.experts.0.lora_A", [2, 64]), ("mlp.fc1.experts.0.lora_B", [128, 2]));
        (await Convert()).AssertRefused(ExitCode.BadInput, "its router chooses experts for every token");
    }

    private Task<CommandRun> Convert(params string[] more) =>
        CommandRun.Of([
            "market",
            "convert",
            _folder["adapter"],
            "--model",
            Repository.PathOf("tests", "golden", "clip", "model"),
            "--out",
            _folder["lora"],
            .. more,
        ]);

    private void Write(string settings, params (string Name, long[] Shape)[] tensors)
    {
        Directory.CreateDirectory(_folder["adapter"]);
        File.WriteAllText(_folder["adapter/adapter_config.json"], settings);
        SafetensorsWriter.Write(
            _folder["adapter/adapter_model.safetensors"],
            tensors.Select(tensor => ($"{Layer}{tensor.Name}", randn(tensor.Shape)))
        );
    }
}
