using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;
using TorchSharp;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class MarketInspectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lora_qv", "lora", 4, null, 4)]
    [InlineData("kasa", "lora", 4, "KaSA", 8)]
    [InlineData("dora_all", "lora", 4, "DoRA", 64)]
    [InlineData("lora_bias_b", "lora", 4, "bias of B", 4)]
    [InlineData("hra_bias", "hra", 4, "trained bias", 4)]
    [InlineData("ia3", "ia3", null, null, 64)]
    public async Task An_adapter_is_named_with_its_parameters_and_ranks(
        string adapter,
        string family,
        int? rank,
        string? variant,
        int counted
    )
    {
        var report = JsonNode.Parse((await Inspected(adapter, "--json")).AssertDone().Output)!;
        var layer = report["layers"]!.AsArray().Single(one => (string?)one!["layer"] == (adapter == "ia3" ? "layers.0.k" : "layers.0.q"))!;
        Assert.Equal((family, rank, variant), ((string?)report["family"], (int?)report["rank"], (string?)layer["variant"]));
        Assert.InRange((int)layer["rank"]!, counted == 64 ? 32 : counted, counted);
        Assert.InRange((double)layer["effectiveRank"]!, 1, counted);
        Assert.True((long)report["parameters"]! > 0 && (double)layer["relativeNorm"]! > 0);
    }

    [Fact]
    public async Task A_head_that_peft_saved_with_it_is_counted() =>
        Assert.Contains(
            "lora_head: lora, rank 4, 3072 parameters in 6 layers, head of 5 classes",
            (await Inspected("lora_head")).AssertDone().Output,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task One_of_experts_alone_is_described_by_them()
    {
        using var scope = torch.NewDisposeScope();
        const string First = "vision_model.encoder.layers.1.mlp.fc1";
        SafetensorsWriter.Write(
            _folder["adapter_model.safetensors"],
            [
                ($"{First}.moe_gate.weight", torch.randn([3, 64])),
                .. Enumerable
                    .Range(0, 3)
                    .SelectMany(expert =>
                        new[]
                        {
                            ($"{First}.experts.{expert}.lora_A.weight", torch.randn([2, 64])),
                            ($"{First}.experts.{expert}.lora_B.weight", torch.randn([128, 2])),
                        }
                    ),
            ]
        );
        File.WriteAllText(_folder["adapter_config.json"], """{"family":"mixlora","r":2,"lora_alpha":4,"num_experts":3,"top_k":2}""");

        var output = (await Inspected(_folder.Path)).AssertDone().Output;

        Assert.Contains(
            $"mixlora, {3 * 64 + 3 * 2 * (64 + 128)} parameters in 0 layers and 1 block of experts",
            output,
            StringComparison.Ordinal
        );
        Assert.Contains("layers.1: 3 experts, 2 per token", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_was_not_converted_says_what_to_do() =>
        (await Inspected("pissa_raw")).AssertRefused(ExitCode.BadInput, "path_initial_model_for_weight_conversion");

    [Fact]
    public async Task A_place_without_an_adapter_is_refused() =>
        (await Inspected("nowhere")).AssertRefused(ExitCode.BadInput, "no adapter");

    private static Task<CommandRun> Inspected(string adapter, params string[] more) =>
        CommandRun.Of([
            "market",
            "inspect",
            Repository.PathOf("tests", "golden", "clip", "adapters", adapter),
            "--model",
            Repository.PathOf("tests", "golden", "clip", "model"),
            .. more,
        ]);
}
