using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Foundation.Tensors;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Mixed;

/// <summary>
/// Many frozen LoRAs side by side on one layer, of any ranks, each with a weight for each episode: all their factors make
/// one A and one B, and a weight scales its LoRA's share of the ranks between them. Differentiable in the weights.
/// </summary>
internal sealed class MixedLorasLayer : LayerAdapter
{
    private readonly Tensor _a;
    private readonly Tensor _b;
    private readonly Tensor _owner;
    private readonly Tensor? _biases;

    /// <param name="layer">The layer that they change.</param>
    /// <param name="frozen">Its own weights.</param>
    /// <param name="loras">Each one's part, or null where it leaves this layer alone; at least one is there. Copied, not kept.</param>
    public MixedLorasLayer(AdaptableLayer layer, AdaptableLinear frozen, IReadOnlyList<LoraLayer?> loras)
        : base(layer.Name)
    {
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        var device = frozen.Weight.device;
        var present = loras.Index().Where(entry => entry.Item is not null).Select(entry => (entry.Index, Lora: entry.Item!)).ToArray();
        _a = Buffer("a", cat([.. present.Select(entry => entry.Lora.A.T)], 1));
        _b = Buffer("b", cat([.. present.Select(entry => entry.Lora.B.T * entry.Lora.Scale)]));
        _owner = Buffer(
            "owner",
            tensor([.. present.SelectMany(entry => Enumerable.Repeat((long)entry.Index, (int)entry.Lora.Rank))], device: device)
        );
        if (present.All(entry => entry.Lora.Bias is null))
            return;
        var biases = zeros([loras.Count, layer.OutFeatures], device: device);
        foreach (var (index, lora) in present)
            if (lora.Delta(frozen.Weight, frozen.Bias).Bias is { } change)
                biases[index].copy_(change);
        _biases = Buffer("biases", biases);
    }

    /// <summary>[episodes, LoRAs]; to be set before a pass. Not owned.</summary>
    public Tensor? Weights { get; set; }

    /// <inheritdoc/>
    /// <param name="input"><c>[episodes * n, ..., in]</c></param>
    /// <param name="weight">The frozen layer's, <c>[out, in]</c>.</param>
    /// <param name="bias">The frozen layer's, <c>[out]</c>, or none.</param>
    public override Tensor Forward(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var weights = Weights ?? throw new InvalidOperationException("Expected the LoRAs' weights before a pass; they are not set.");
        var shape = input.shape;
        var rows = input.reshape(weights.shape[0], -1, shape[^1]);
        var low = rows.Times(_a) * weights.index_select(1, _owner).unsqueeze(1);
        var adapted = nn.functional.linear(rows, weight, bias) + low.Times(_b);
        if (_biases is not null) adapted = adapted + weights.mm(_biases).unsqueeze(1);
        return adapted.view([.. shape[..^1], weight.shape[0]]).MoveToOuterDisposeScope();
    }

    /// <exception cref="NotSupportedException">Always: each episode weighs them in its own way.</exception>
    protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias) =>
        throw new NotSupportedException("LoRAs with different weights in each episode cannot be merged into one layer.");

    private Tensor Buffer(string name, Tensor value)
    {
        var kept = value.contiguous().DetachFromDisposeScope();
        register_buffer(name, kept);
        return kept;
    }
}
