using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

public sealed class LoraRecycleDamageTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");

    public void Dispose()
    {
        folder.Dispose();
        model.Dispose();
    }

    [Fact]
    public void A_file_for_fewer_layers_is_refused() => Refused(
        tensors => { tensors.Remove("w_a_005"); tensors.Remove("w_b_005"); }, "has 5 pairs", "3 layers", "6 are expected");

    [Fact]
    public void A_factor_without_its_other_half_is_named() => Refused(tensors => tensors.Remove("w_b_002"), "lacks tensor 'w_b_002'");

    [Fact]
    public void Numbers_with_a_gap_are_named() => Refused(
        tensors => { tensors["w_a_007"] = tensors["w_a_003"]; tensors.Remove("w_a_003"); }, "lacks tensor 'w_a_003'");

    [Fact]
    public void Factors_of_different_ranks_are_named() => Refused(
        tensors => tensors["w_b_001"] = torch.ones([64, 3]), "'w_b_001'", "shape [64, 3]", "expected [64, 4]");

    [Fact]
    public void Factors_that_are_no_matrices_are_named() =>
        Refused(tensors => tensors["w_a_001"] = torch.ones(256), "'w_a_001'", "shape [256]");

    [Fact]
    public void A_head_of_another_shape_than_its_name_says_is_named() => Refused(
        tensors => tensors["fc_48in_5out"] = torch.ones([48, 5]), "'fc_48in_5out'", "shape [48, 5]", "expected [5, 48]");

    [Fact]
    public void Two_heads_are_refused() => Refused(tensors => tensors["fc_48in_6out"] = torch.ones([6, 48]), "2 heads");

    [Fact]
    public void A_tensor_that_nothing_uses_is_named() =>
        Refused(tensors => tensors["fc_bias"] = torch.ones(5), "'fc_bias'", "does not use");

    [Fact]
    public void Values_that_are_not_finite_are_named() =>
        Refused(tensors => tensors["fc_48in_5out"] = torch.full([5, 48], float.NaN), "'fc_48in_5out'", "NaN or infinite");

    [Fact]
    public void A_file_without_a_head_is_read()
    {
        using var adapter = AdapterCatalog.Default.Load(
            DamagedAdapter.CopyPaper(folder, tensors => tensors.Remove("fc_48in_5out")),
            model.Layers
        );
        Assert.Null(adapter.Head);
        Assert.Equal(6, adapter.Layers.Count);
    }

    private void Refused(Action<Dictionary<string, torch.Tensor>> change, params string[] reasons)
    {
        var path = DamagedAdapter.CopyPaper(folder, change);
        var message = Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(path, model.Layers)).Message;
        Assert.All(reasons, reason => Assert.Contains(reason, message, StringComparison.Ordinal));
    }
}
