using LoraRecycle.Core.Foundation.Tensors;
using TorchSharp;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>
/// Several LoRAs beside one frozen layer: a batch holds as many images for each, one LoRA's after the other's, and one
/// pass runs them all. Differentiable in the input; the LoRAs themselves are frozen.
/// </summary>
public sealed class GroupedLoraLayer : LayerAdapter
{
    private readonly torch.Tensor _a;
    private readonly torch.Tensor _b;
    private readonly torch.Tensor? _bias;
    private readonly torch.Tensor? _keepsBias;

    /// <param name="layer">The layer that they change.</param>
    /// <param name="members">Each LoRA's part, or null where it leaves this layer alone; at least one is there. Copied, not kept.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="dtype">In what precision the thin products are computed.</param>
    public GroupedLoraLayer(AdaptableLayer layer, IReadOnlyList<LoraLayer?> members, torch.Device device, torch.ScalarType dtype)
        : base(layer.Name)
    {
        using var frozen = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        Groups = members.Count;
        Rank = members.Max(member => member?.Rank ?? 0);

        // Zeros in the rows and columns that a LoRA of lower rank lacks add nothing; the scale goes into B.
        var a = torch.zeros([Groups, layer.InFeatures, Rank], torch.float32, device);
        var b = torch.zeros([Groups, Rank, layer.OutFeatures], torch.float32, device);
        for (var group = 0; group < Groups; group++)
        {
            if (members[group] is not { } member) continue;
            a[group].narrow(1, 0, member.Rank).copy_(member.A.T);
            b[group].narrow(0, 0, member.Rank).copy_(member.B.T.mul(member.Scale));
        }
        _a = Buffer("lora_A", a.to(dtype));
        _b = Buffer("lora_B", b.to(dtype));

        if (members.All(member => member?.Bias is null)) return;
        var bias = torch.zeros([Groups, 1, layer.OutFeatures], torch.float32, device);
        var keepsBias = torch.ones([Groups, 1, 1], torch.float32, device);
        for (var group = 0; group < Groups; group++)
        {
            if (members[group]?.Bias is not { } own) continue;
            bias[group].copy_(own);
            keepsBias[group].zero_();
        }
        _bias = Buffer("bias", bias.to(dtype));
        _keepsBias = Buffer("keeps_bias", keepsBias.to(dtype));
    }

    public int Groups { get; }

    /// <summary>The highest rank among them.</summary>
    public long Rank { get; }

    /// <inheritdoc/>
    /// <param name="input"><c>[groups * n, ..., in]</c></param>
    /// <param name="weight">The frozen layer's, <c>[out, in]</c>.</param>
    /// <param name="bias">The frozen layer's, <c>[out]</c>, or none.</param>
    public override torch.Tensor Forward(torch.Tensor input, torch.Tensor weight, torch.Tensor? bias)
    {
        using var scope = torch.NewDisposeScope();
        var shape = input.shape;
        if (shape[0] % Groups != 0)
            throw new ArgumentException(
                $"Expected a batch of as many images for each of {Groups} LoRAs, got {shape[0]} images.",
                nameof(input)
            );
        var rows = input.reshape(Groups, -1, shape[^1]);
        var frozen = torch.nn.functional.linear(rows, weight, _bias is null ? bias : null);
        if (_bias is not null)
            frozen = frozen.add((bias is null ? _bias : _bias.add(_keepsBias!.mul(bias))).to(frozen.dtype));
        var low = rows.to(_a.dtype).bmm(_a);
        var adapted = frozen.dtype == _b.dtype ? BatchedProduct.Add(frozen, low, _b) : frozen.add(low.bmm(_b).to(frozen.dtype));
        return adapted.view([.. shape[..^1], weight.shape[0]]).MoveToOuterDisposeScope();
    }

    /// <summary>The layer as each LoRA makes it, whether or not it is finite.</summary>
    /// <param name="weight">The frozen layer's, <c>[out, in]</c>.</param>
    /// <param name="bias">The frozen layer's, <c>[out]</c>, or none.</param>
    /// <returns>New float32 tensors, <c>[groups, in, out]</c> and <c>[groups, 1, out]</c>.</returns>
    internal (torch.Tensor Weight, torch.Tensor? Bias) MergedByGroup(torch.Tensor weight, torch.Tensor? bias)
    {
        using var scope = torch.NewDisposeScope();
        var merged = BatchedProduct
            .Add(weight.to(torch.float32).T.unsqueeze(0), _a.to(torch.float32), _b.to(torch.float32))
            .MoveToOuterDisposeScope();
        var frozen = bias?.to(torch.float32).view(1, 1, -1).expand(Groups, -1, -1);
        if (_bias is null) return (merged, frozen?.MoveToOuterDisposeScope());
        var own = _bias.to(torch.float32);
        return (merged, (frozen is null ? own : own + (_keepsBias!.to(torch.float32) * frozen)).MoveToOuterDisposeScope());
    }

    /// <exception cref="NotSupportedException">Always: several LoRAs have no one weight.</exception>
    protected override (torch.Tensor Weight, torch.Tensor? Bias) Adapt(torch.Tensor weight, torch.Tensor? bias) =>
        throw new NotSupportedException($"{Groups} LoRAs cannot be merged into one layer; merge one of them.");

    private torch.Tensor Buffer(string name, torch.Tensor value)
    {
        var kept = value.contiguous().DetachFromDisposeScope();
        register_buffer(name, kept);
        return kept;
    }
}
