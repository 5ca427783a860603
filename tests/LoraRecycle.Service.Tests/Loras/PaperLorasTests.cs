using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace LoraRecycle.Service.Tests.Loras;

/// <summary>Adapters of families that PEFT has no name for, on the market.</summary>
public sealed class PaperLorasTests : IDisposable
{
    private const int Rank = 2;

    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-papers-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData("lora-xs", 2, "q v")]
    [InlineData("block-lora", 1, "q v")]
    [InlineData("lofit", null, "out")]
    public async Task They_come_listed_and_inspected(string family, int? rank, string targets)
    {
        await using var service = await MarketService.StartAsync(_data);
        var added = await service.AddAsync(Files(family));
        Assert.Equal(family, added.GetProperty("family").GetString());
        Assert.Equal(rank, added.GetProperty("rank").ValueKind == JsonValueKind.Null ? null : added.GetProperty("rank").GetInt32());
        Assert.Equal(targets, Targets(added));
        var layers = (await service.GetAsync($"/loras/{added.Id()}")).GetProperty("spectrum").GetProperty("layers");
        Assert.Equal(targets.Split(' ').Length, layers.GetArrayLength());
        if (rank is not null)
            Assert.All(layers.EnumerateArray(), layer => Assert.Equal(rank, layer.GetProperty("singularValues").GetArrayLength()));
    }

    [Fact]
    public async Task A_mixture_of_experts_comes_and_has_no_spectrum_to_draw()
    {
        await using var service = await MarketService.StartAsync(_data);
        var added = await service.AddAsync(Files("mixlora"));
        Assert.Equal(("mixlora", "mlp"), (added.GetProperty("family").GetString(), Targets(added)));
        Assert.Equal(0, (await service.GetAsync($"/loras/{added.Id()}")).GetProperty("spectrum").GetProperty("layers").GetArrayLength());
        using var drawn = await service.Client.GetAsync(
            new Uri($"/loras/{added.Id()}/spectrum.svg", UriKind.Relative),
            TestContext.Current.CancellationToken
        );
        Assert.Contains(
            "changes no weights",
            await drawn.EnsureSuccessStatusCode().Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    private static string Targets(JsonElement lora) =>
        string.Join(' ', lora.GetProperty("targets").EnumerateArray().Select(target => target.GetString()));

    /// <summary>An adapter of the first block's queries and values, or of what else the family is for.</summary>
    private static Dictionary<string, byte[]> Files(string family)
    {
        var files = LoraSamples.Changed(
            LoraSamples.Peft(seed: 3),
            (JsonObject settings) =>
            {
                foreach (var name in new[] { "peft_type", "target_modules" })
                    settings.Remove(name);
                (settings["family"], settings["r"], settings["lora_alpha"]) = (family, Rank, Rank);
                (settings["blocks"], settings["num_heads"], settings["num_experts"], settings["top_k"]) = (2, 4, 2, 1);
            }
        );
        return LoraSamples.Changed(
            files,
            (Dictionary<string, Tensor> tensors) =>
            {
                var a = tensors
                    .Keys.Where(name => name.EndsWith("lora_A.weight", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal)
                    .Take(2)
                    .ToArray();
                var width = tensors[a[0]].shape[1];
                var kept = a.ToDictionary(
                    name => name[..^".lora_A.weight".Length],
                    name => (A: tensors[name], B: tensors[name.Replace("lora_A", "lora_B", StringComparison.Ordinal)])
                );
                tensors.Clear();
                if (family == "lofit")
                    tensors["blocks.0.attn.proj.attn_v.1"] = randn([width / 4]);
                else if (family == "mixlora")
                    AddExperts(tensors, width);
                else
                    foreach (var (layer, (one, other)) in kept)
                    {
                        tensors[$"{layer}.lora_A"] = family == "block-lora" ? one.narrow(0, 0, 1).contiguous() : one;
                        tensors[$"{layer}.lora_B"] = other;
                        if (family == "lora-xs")
                            tensors[$"{layer}.lora_latent_mapping"] = eye(Rank);
                    }
            }
        );
    }

    private static void AddExperts(Dictionary<string, Tensor> tensors, long width)
    {
        tensors["blocks.0.mlp.fc1.moe_gate.weight"] = randn([2, width]);
        for (var expert = 0; expert < 2; expert++)
        {
            tensors[$"blocks.0.mlp.fc1.experts.{expert}.lora_A"] = randn([Rank, width]);
            tensors[$"blocks.0.mlp.fc1.experts.{expert}.lora_B"] = randn([2 * width, Rank]);
        }
    }
}
