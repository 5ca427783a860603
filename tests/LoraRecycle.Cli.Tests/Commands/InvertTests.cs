using System.Text.Json;
using LoraRecycle.Core.Inversion;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Cli.Tests.Commands;

public class InvertTests
{
    [Fact]
    public async Task Loras_become_pools_that_can_be_read_and_looked_at()
    {
        using var folder = new TemporaryFolder();
        WriteLora(folder["first"], 1);
        WriteLora(folder["second"], 2);
        string[] line = ["invert", "--lora", folder["first"], folder["second"], "--out", folder["pools"], "--iterations", "1", "--images", "1", "--device", "cpu", "--json"];
        using var report = JsonDocument.Parse((await CommandRun.Of(line)).AssertDone().Output);
        Assert.Equal(["first", "second"], report.RootElement.GetProperty("pools").EnumerateArray().Select(pool => pool.GetProperty("name").GetString()));
        Assert.Equal("none", report.RootElement.GetProperty("settings").GetProperty("pruning").GetString());

        using var read = SyntheticPoolDirectory.Read(Path.Combine(folder["pools"], "second"));
        Assert.Equal([2, 3, 64, 64], read.Images.shape);
        Assert.True(File.Exists(Path.Combine(folder["pools"], "second", "sheet.png")));
        Assert.True(File.Exists(Path.Combine(folder["pools"], "run.json")));
    }

    [Theory]
    [InlineData("token pruning such as", "--pruning", "five")]
    [InlineData("layers 0 to", "--pruning", "99:.5")]
    [InlineData("1 to 1,000,000 iterations", "--iterations", "0")]
    [InlineData("--mask", "--mask", "1")]
    [InlineData("--together", "--together", "0")]
    [InlineData("nowhere", "--prior", "nowhere")]
    public async Task Settings_that_make_no_sense_are_refused(string because, params string[] option)
    {
        using var folder = new TemporaryFolder();
        WriteLora(folder["lora"], 1);
        (await CommandRun.Of(["invert", "--lora", folder["lora"], "--out", folder["pools"], "--device", "cpu", .. option]))
            .AssertRefused(ExitCode.BadInput, because);
    }

    [Fact]
    public async Task A_lora_without_a_head_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        WriteLora(folder["headless"], 1);
        File.Delete(Path.Combine(folder["headless"], "head.safetensors"));
        (await CommandRun.Of("invert", "--lora", folder["headless"], "--out", folder["pools"], "--device", "cpu"))
            .AssertRefused(ExitCode.BadInput, "headless has no classification head");
    }

    /// <summary>A LoRA of rank 2 on one layer of the shipped model, with a head of two classes.</summary>
    internal static void WriteLora(string directory, int seed)
    {
        using var scope = NewDisposeScope();
        using var source = Core.Models.ModelDirectory.Open(Repository.PathOf("models", "vit-xs-8-64"));
        using var model = source.Load(CPU);
        var layer = model.AdaptableLayers[0];
        using var generator = new Generator((ulong)seed);
        Directory.CreateDirectory(directory);
        SafetensorsWriter.Write(Path.Combine(directory, "adapter_model.safetensors"),
        [
            ($"base_model.model.{layer.SourceName}.lora_A.weight", randn([2, layer.InFeatures], generator: generator)),
            ($"base_model.model.{layer.SourceName}.lora_B.weight", randn([layer.OutFeatures, 2], generator: generator).mul(0.01)),
        ]);
        SafetensorsWriter.Write(Path.Combine(directory, "head.safetensors"), [("weight", randn([2, model.Config.EmbeddingLength], generator: generator))]);
        File.WriteAllText(Path.Combine(directory, "adapter_config.json"), $$"""{"peft_type": "LORA", "r": 2, "lora_alpha": 2, "target_modules": ["{{layer.SourceName}}"]}""");
    }
}
