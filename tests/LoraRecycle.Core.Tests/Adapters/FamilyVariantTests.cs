using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lycoris;
using LoraRecycle.Core.Adapters.Families.Orthogonal;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

/// <summary>What the fixtures do not have: other ways to store the same adapter, and other settings.</summary>
public sealed class FamilyVariantTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
        model.Dispose();
    }

    [Fact]
    public void Veras_random_matrices_are_drawn_again_from_the_seed_bit_for_bit()
    {
        var copy = DamagedAdapter.Copy(
            folder, "vera", config => config["save_projection"] = false,
            tensors => { tensors.Remove("base_model.vera_A"); tensors.Remove("base_model.vera_B"); });
        AssertSame("vera", copy, 0);
    }

    [Fact]
    public void Another_seed_is_another_adapter()
    {
        foreach (var (name, setting) in new[] { ("vera", "projection_prng_key"), ("fourierft", "random_loc_seed") })
        {
            var copy = DamagedAdapter.Copy(
                folder, name, config => { config["save_projection"] = false; config[setting] = 1; },
                tensors => { tensors.Remove("base_model.vera_A"); tensors.Remove("base_model.vera_B"); });
            Assert.True(Difference(name, copy) > 1e-3);
        }
    }

    [Fact]
    public void Vb_lora_with_only_its_highest_weights_is_the_same_adapter()
    {
        var copy = DamagedAdapter.Copy(folder, "vblora", config => config["save_only_topk_weights"] = true, tensors =>
        {
            foreach (var key in tensors.Keys.Where(key => key.Contains("logits", StringComparison.Ordinal)).ToArray())
            {
                tensors.Remove(key, out var logits);
                var (highest, which) = logits!.topk(2);
                tensors[$"{key}_topk_indices"] = which.to(torch.uint8);
                tensors[$"{key}_topk_weights"] = highest.softmax(-1).narrow(-1, 0, 1).contiguous();
            }
        });
        AssertSame("vblora", copy, 1e-5);

        const string key = "base_model.model.vision_model.encoder.layers.0.self_attn.q_proj.vblora_logits_A_topk_indices";
        var outside = DamagedAdapter.CopyOf(
            copy,
            folder,
            tensors: tensors => tensors[key] = torch.full(tensors[key].shape, 16, torch.uint8)
        );
        Assert.Contains(
            key,
            Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(outside, model.Layers)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Lokr_with_thin_factors_is_the_product_of_their_products()
    {
        torch.manual_seed(3);
        var (a, b) = (torch.randn(8, 2), torch.randn(2, 8));
        var thin = DamagedAdapter.Copy(
            folder,
            "lokr",
            config => config["r"] = 2,
            tensors => Replace(tensors, "lokr_w2", key => [($"{key}_a", a), ($"{key}_b", b)])
        );
        var whole = DamagedAdapter.Copy(
            folder,
            "lokr",
            config => config["r"] = 2,
            tensors => Replace(tensors, "lokr_w2", key => [(key, a.mm(b))])
        );
        Assert.InRange(Difference(Load(whole), Load(thin)), 0, 1e-6);
    }

    [Theory]
    [InlineData(64, -1, 8, 8)]
    [InlineData(128, -1, 8, 16)]
    [InlineData(127, -1, 1, 127)]
    [InlineData(128, 4, 4, 32)]
    [InlineData(12, 5, 3, 4)]
    [InlineData(768, -1, 24, 32)]
    [InlineData(128, 32, 32, 4)]
    public void Widths_are_split_into_two_factors(long width, long factor, long first, long second) =>
        Assert.Equal((first, second), LokrFamily.Split(width, factor));

    [Theory]
    [InlineData(64, 8, 8)]
    [InlineData(64, 100, 64)]
    [InlineData(60, 8, 6)]
    [InlineData(60, 11, 10)]
    [InlineData(49, 3, 1)]
    public void Block_sizes_that_do_not_divide_a_width_give_way_to_the_nearest_that_does_the_lower_of_two(
        long width,
        long wanted,
        long fits
    ) => Assert.Equal(fits, OftFamily.Fit(width, wanted));

    [Fact]
    public void Exact_rotations_and_reflections_keep_every_rows_length()
    {
        foreach (var (name, config) in new[] { ("oft", "use_cayley_neumann"), ("hra", "") })
        {
            using var adapter = Load(DamagedAdapter.Copy(folder, name, settings => { if (config.Length > 0) settings[config] = false; }));
            foreach (var layer in model.Layers.Where(layer => adapter.Layers.ContainsKey(layer.Name)))
            {
                var merged = adapter.Layers[layer.Name].Merge(model.Weight(layer), null).Weight;
                Assert.InRange(Formula.RelativeError(merged.norm(1), model.Weight(layer).norm(1)), 0, 1e-5);
                Assert.True(Formula.RelativeError(merged, model.Weight(layer)) > 1e-2);
            }
        }
    }

    [Fact]
    public void A_constrained_rotation_goes_no_further_than_it_may()
    {
        using var free = Load(DamagedAdapter.Copy(folder, "oft"));
        using var loose = Load(DamagedAdapter.Copy(folder, "oft", config => { config["coft"] = true; config["eps"] = 1e6; }));
        using var tight = Load(DamagedAdapter.Copy(folder, "oft", config => { config["coft"] = true; config["eps"] = 1e-4; }));
        Assert.Equal(0, Difference(free, loose));
        var layer = model.Layers.First(layer => tight.Layers.ContainsKey(layer.Name));
        var change = tight.Layers[layer.Name].Delta(model.Weight(layer), null).Weight.norm() / model.Weight(layer).norm();

        // Eight blocks whose generators have norm 1e-4 / sqrt(8) turn a row by no more than twice that.
        Assert.InRange(change.item<float>(), 1e-7f, 2 * 1e-4f / MathF.Sqrt(8));
    }

    [Fact]
    public void Shared_blocks_are_the_same_block_repeated()
    {
        torch.manual_seed(4);
        var one = torch.randn(1, 28).mul(0.1);
        var shared = DamagedAdapter.Copy(
            folder,
            "oft",
            config => config["block_share"] = true,
            tensors => Replace(tensors, "oft_R.weight", key => [(key, one)])
        );
        var repeated = DamagedAdapter.Copy(
            folder,
            "oft",
            tensors: tensors => Replace(tensors, "oft_R.weight", key => [(key, one.repeat(8, 1))])
        );
        Assert.InRange(Difference(Load(repeated), Load(shared)), 0, 1e-6);
    }

    [Fact]
    public void Orthogonalised_reflections_commute()
    {
        torch.manual_seed(6);
        var vectors = torch.randn(64, 4);
        var reflected = DamagedAdapter.Copy(
            folder,
            "hra",
            config => config["apply_GS"] = true,
            tensors => Replace(tensors, "hra_u", key => [(key, vectors)])
        );
        using var adapter = Load(reflected);
        var layer = model.Layers.First(layer => adapter.Layers.ContainsKey(layer.Name));

        // Reflections at orthogonal planes are together I - 2 P, where P projects on the span of their normals.
        var (u, _, _) = torch.linalg.svd(vectors, fullMatrices: false);
        var expected = model.Weight(layer).sub(model.Weight(layer).mm(u).mm(u.T).mul(2));
        Assert.InRange(Formula.RelativeError(adapter.Layers[layer.Name].Merge(model.Weight(layer), null).Weight, expected), 0, 1e-5);
    }

    [Fact]
    public void The_stages_of_a_butterfly_reach_from_every_input_to_every_output()
    {
        // Blocks of 2 in 8: three stages are a full butterfly, with one stage fewer some inputs never meet.
        torch.manual_seed(8);
        foreach (var (stages, reaches) in new[] { (3, true), (2, false) })
        {
            using var layer = new BoftLayer("layers.0.q", torch.randn([stages, 4, 2, 2]), torch.ones([8]));
            var rotation = layer.Merge(torch.eye(8), null).Weight;
            Assert.InRange(Formula.RelativeError(rotation.mm(rotation.T), torch.eye(8)), 0, 1e-5);
            Assert.Equal(reaches, rotation.abs().gt(1e-6).all().item<bool>());
        }
    }

    [Theory]
    [InlineData(0, new long[] { 0, 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData(1, new long[] { 0, 2, 1, 3, 4, 6, 5, 7 })]
    [InlineData(2, new long[] { 0, 2, 4, 6, 1, 3, 5, 7 })]
    public void A_stage_takes_the_even_half_blocks_of_a_group_first(int stage, long[] order)
    {
        Assert.Equal(order, ButterflyOrder.Of(8, 2, stage));
        Assert.Equal(Enumerable.Range(0, 8).Select(place => (long)place), ButterflyOrder.Inverse(order).Select(place => order[place]));
    }

    private static void Replace(
        Dictionary<string, torch.Tensor> tensors,
        string parameter,
        Func<string, (string Key, torch.Tensor Value)[]> values
    )
    {
        foreach (var key in tensors.Keys.Where(key => key.EndsWith($".{parameter}", StringComparison.Ordinal)).ToArray())
        {
            tensors.Remove(key);
            foreach (var (name, value) in values(key))
                tensors[name] = value;
        }
    }

    private Adapter Load(string path) => AdapterCatalog.Default.Load(path, model.Layers);

    private void AssertSame(string name, string copy, double tolerance) => Assert.InRange(Difference(name, copy), 0, tolerance);

    private double Difference(string name, string copy)
    {
        using var expected = Load(GoldenModel.AdapterPath("clip", name));
        using var actual = Load(copy);
        return Difference(expected, actual);
    }

    private double Difference(Adapter expected, Adapter actual) =>
        model
            .Layers.Where(layer => expected.Layers.ContainsKey(layer.Name))
            .Max(layer =>
                Formula.RelativeError(
                    actual.Layers[layer.Name].Merge(model.Weight(layer), null).Weight,
                    expected.Layers[layer.Name].Merge(model.Weight(layer), null).Weight
                )
            );
}
