using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Adapters.Peft;

/// <summary>Settings that choose layers, and files that have others than those chosen.</summary>
public sealed class PeftTargetsTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");

    public void Dispose()
    {
        folder.Dispose();
        model.Dispose();
    }

    [Theory]
    [InlineData("[0,2]", null)]
    [InlineData("[0,2]", "\"layers\"")]
    [InlineData("[2,0,7]", "[\"blocks\",\"layers\"]")]
    [InlineData("[0,2]", "[]")]
    public void Only_the_numbers_that_are_wanted_have_tensors(string numbers, string? lists)
    {
        Action<JsonObject> config = c =>
        {
            c["layers_to_transform"] = JsonNode.Parse(numbers);
            c["layers_pattern"] = lists is null ? null : JsonNode.Parse(lists);
        };
        using var adapter = AdapterCatalog.Default.Load(Copy(config, ".layers.1."), model.Layers);
        Assert.Equal(["layers.0.q", "layers.0.v", "layers.2.q", "layers.2.v"], adapter.Layers.Keys.Order());

        Assert.Contains(
            "no tensors for 'vision_model.encoder.layers.2.self_attn.v_proj', which target_modules with layers_to_transform",
            Refused(config, ".layers.1.", "2.self_attn.v_proj"),
            StringComparison.Ordinal
        );
        Assert.Contains("has tensors for 'vision_model.encoder.layers.1.self_attn.q_proj'", Refused(config), StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_number_is_a_list_of_one()
    {
        using var adapter = AdapterCatalog.Default.Load(Copy(c => c["layers_to_transform"] = 1, ".layers.0.", ".layers.2."), model.Layers);
        Assert.Equal(["layers.1.q", "layers.1.v"], adapter.Layers.Keys.Order());
    }

    [Fact]
    public void Numbers_of_another_list_than_the_models_choose_nothing() => Assert.Contains(
        "has tensors for 'vision_model.encoder.layers.0.self_attn.q_proj'",
        Refused(c => { c["layers_to_transform"] = new JsonArray(0, 1, 2); c["layers_pattern"] = "blocks"; }), StringComparison.Ordinal);

    [Fact]
    public void A_layer_that_is_named_by_its_whole_path_counts_whatever_its_number() =>
        AdapterCatalog.Default.Load(Copy(
            c =>
            {
                c["layers_to_transform"] = new JsonArray(0, 2);
                c["target_modules"] = new JsonArray("q_proj", "v_proj", "vision_model.encoder.layers.1.self_attn.q_proj");
            },
            "1.self_attn.v_proj"), model.Layers).Dispose();

    [Theory]
    [InlineData("[\"layers.1.self_attn.v_proj\"]")]
    [InlineData("[\"vision_model.encoder.layers.1.self_attn.v_proj\"]")]
    [InlineData("\".*\\\\.1\\\\.self_attn\\\\.v_.*\"")]
    public void What_is_excluded_has_no_tensors(string excluded)
    {
        Action<JsonObject> config = c => c["exclude_modules"] = JsonNode.Parse(excluded);
        using var adapter = AdapterCatalog.Default.Load(Copy(config, "1.self_attn.v_proj"), model.Layers);
        Assert.Equal(5, adapter.Layers.Count);

        Assert.Contains(
            "no tensors for 'vision_model.encoder.layers.0.self_attn.v_proj', which target_modules with exclude_modules",
            Refused(config, "0.self_attn.v_proj", "1.self_attn.v_proj"),
            StringComparison.Ordinal
        );
        Assert.Contains("has tensors for 'vision_model.encoder.layers.1.self_attn.v_proj'", Refused(config), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"^(?!.*text_model).*\.(q_proj|v_proj)")]
    [InlineData(@".*(?<=self_attn\.)(?P<part>q|v)_proj")]
    [InlineData(@"(?>.*self_attn)\.[qv]_proj")]
    [InlineData(@"(?i).*\.(Q|V)_PROJ")]
    public void Expressions_of_pythons_choose_as_they_do_there(string expression)
    {
        using var adapter = AdapterCatalog.Default.Load(Copy(c => c["target_modules"] = expression), model.Layers);
        Assert.Equal(6, adapter.Layers.Count);
        Assert.Contains("no tensors for", Refused(c => c["target_modules"] = expression, "1.self_attn.v_proj"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_expression_that_names_every_layer_may_be_long()
    {
        var adapted = model.Layers.Where(layer => layer.Part is "q" or "v");
        var others = Enumerable.Range(3, 100).Select(i => $@"vision_model\.encoder\.layers\.{i}\.none");
        var names = adapted.Select(layer => layer.SourceName.Replace(".", @"\.", StringComparison.Ordinal));
        var expression = string.Join('|', names.Concat(others));
        Assert.InRange(expression.Length, 3_000, 100_000);
        AdapterCatalog.Default.Load(Copy(c => c["target_modules"] = expression), model.Layers).Dispose();
    }

    [Theory]
    [InlineData("target_modules")]
    [InlineData("exclude_modules")]
    [InlineData("rank_pattern")]
    [InlineData("alpha_pattern")]
    [InlineData("layers_pattern")]
    public void An_expression_that_never_ends_is_stopped_and_named(string setting)
    {
        const string Endless = "((([a-z_.0-9])+)+)+!";
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var message = Refused(c =>
        {
            if (setting.EndsWith("_pattern", StringComparison.Ordinal) && setting != "layers_pattern")
                c[setting] = new JsonObject { [Endless] = 4 };
            else if (setting == "layers_pattern")
                (c["layers_to_transform"], c[setting]) = (new JsonArray(0, 1, 2), new JsonArray(Endless));
            else
                c[setting] = Endless;
        });
        Assert.Contains(setting, message, StringComparison.Ordinal);
        Assert.Contains("takes too long to match", message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20);
    }

    [Theory]
    [InlineData(@"(?<=\.)v_proj")]
    [InlineData(@"(?P<letter>v)_proj")]
    [InlineData(@".*(?<!q)_proj")]
    public void Ranks_and_alphas_are_of_layers_that_such_expressions_match(string key)
    {
        using var adapter = AdapterCatalog.Default.Load(DamagedAdapter.Copy(
            folder,
            "lora_qv",
            c => (c["rank_pattern"], c["alpha_pattern"]) = (new JsonObject { [key] = 2 }, new JsonObject { [key] = 32 }),
            tensors =>
            {
                foreach (var name in tensors.Keys.Where(name => name.Contains("v_proj", StringComparison.Ordinal)).ToArray())
                    tensors[name] = tensors[name].narrow(name.Contains("lora_A", StringComparison.Ordinal) ? 0 : 1, 0, 2).clone();
            }), model.Layers);
        Assert.Equal((2, 16), (((LoraLayer)adapter.Layers["layers.1.v"]).Rank, ((LoraLayer)adapter.Layers["layers.1.v"]).Scale));
        Assert.NotEqual(2, ((LoraLayer)adapter.Layers["layers.1.q"]).Rank);
    }

    [Fact]
    public void The_end_of_an_excluded_name_begins_at_a_dot() =>
        AdapterCatalog.Default.Load(Copy(c => c["exclude_modules"] = new JsonArray("proj", "attn.v_proj")), model.Layers).Dispose();

    [Theory]
    [InlineData("layers_to_transform", "[0.5]")]
    [InlineData("layers_to_transform", "\"all\"")]
    [InlineData("layers_to_transform", "[1e30]")]
    [InlineData("exclude_modules", "\"(((\"")]
    [InlineData("exclude_modules", "[1]")]
    [InlineData("layers_pattern", "[\"(?<=a)\"]")]
    public void Settings_that_make_no_sense_are_named(string setting, string value) =>
        Assert.Contains(
            setting,
            Refused(c =>
            {
                c["layers_to_transform"] = new JsonArray(0, 1, 2);
                c[setting] = JsonNode.Parse(value);
            }),
            StringComparison.Ordinal
        );

    [Fact]
    public void Lists_of_layers_by_the_thousand_are_refused() =>
        Assert.Contains(
            "layers_pattern with 5000 names",
            Refused(c =>
            {
                c["layers_to_transform"] = 1;
                c["layers_pattern"] = new JsonArray([.. Enumerable.Range(0, 5000).Select(i => (JsonNode)$"a{i}")]);
            }),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_file_that_was_converted_has_twice_the_rank_and_alpha_and_the_same_factor()
    {
        // What PEFT writes where it takes the initial factors out again: ranks and alphas doubled, those of the patterns too.
        using var original = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", "lora_rank_pattern"), model.Layers);
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var converted = AdapterCatalog.Default.Load(DamagedAdapter.Copy(
            folder, "lora_rank_pattern",
            config =>
            {
                config["r"] = 2 * (int)config["r"]!;
                config["lora_alpha"] = 2 * (int)config["lora_alpha"]!;
                foreach (var pattern in new[] { "rank_pattern", "alpha_pattern" })
                    foreach (var (key, value) in config[pattern]!.AsObject().ToArray())
                        config[pattern]![key] = 2 * (int)value!;
            },
            tensors =>
            {
                foreach (var key in tensors.Keys.ToArray())
                {
                    var isA = key.EndsWith("lora_A.weight", StringComparison.Ordinal);
                    tensors[key] = TorchSharp.torch.cat([tensors[key], TorchSharp.torch.zeros(tensors[key].shape)], isA ? 0 : 1);
                }
            }), model.Layers);
        foreach (var layer in model.Layers)
        {
            var (before, after) = ((LoraLayer)original.Layers[layer.Name], (LoraLayer)converted.Layers[layer.Name]);
            Assert.Equal((2 * before.Rank, before.Scale, 2 * before.NominalRank), (after.Rank, after.Scale, after.NominalRank));
            Assert.InRange(
                Formula.RelativeError(after.Merge(model.Weight(layer), null).Weight, before.Merge(model.Weight(layer), null).Weight),
                0,
                1e-6
            );
        }
    }

    private string Copy(Action<JsonObject> config, params string[] without) => DamagedAdapter.Copy(folder, "lora_qv", config, tensors =>
    {
        foreach (var key in tensors.Keys.Where(key => without.Any(part => key.Contains(part, StringComparison.Ordinal))).ToArray())
            tensors.Remove(key);
    });

    private string Refused(Action<JsonObject> config, params string[] without) =>
        Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(Copy(config, without), model.Layers)).Message;
}
