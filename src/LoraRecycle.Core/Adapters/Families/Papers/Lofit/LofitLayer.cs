using LoraRecycle.Core.Foundation.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Papers.Lofit;

/// <summary>
/// LoFiT (arXiv 2406.01563): the output z of a chosen attention head becomes (1 + A) * z + v, before the output
/// projection. In that projection this is W diag(1 + A), and W v more bias.
/// </summary>
public sealed class LofitLayer : LayerAdapter
{
    private readonly long _heads;
    private readonly (Parameter Values, Tensor Places)? _offsets;
    private readonly (Parameter Values, Tensor Places)? _scales;

    /// <param name="layerName">The output projection's canonical name.</param>
    /// <param name="heads">How many attention heads its input has.</param>
    /// <param name="offsets">v; or none.</param>
    /// <param name="scales">A; or none. One of the two is there.</param>
    internal LofitLayer(string layerName, long heads, HeadVectors? offsets, HeadVectors? scales)
        : base(layerName)
    {
        _heads = heads;
        _offsets = offsets is null ? null : Own("attn_v", offsets);
        _scales = scales is null ? null : Own("attn_A", scales);
    }

    /// <inheritdoc/>
    /// <remarks>On the activations themselves, as in the paper.</remarks>
    public override Tensor Forward(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var heads = _scales is { } scales ? input.mul(Wide(scales).add(1).to(input.dtype)) : input;
        if (_offsets is { } offsets)
            heads = heads.add(Wide(offsets).to(input.dtype));
        return nn.functional.linear(heads, weight, bias).MoveToOuterDisposeScope();
    }

    protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias)
    {
        var adapted = _scales is { } scales ? weight.mul(Wide(scales).add(1)) : weight;
        if (_offsets is not { } offsets)
            return (adapted, bias);
        var more = weight.Times(Wide(offsets));
        return (adapted, bias is null ? more : bias.add(more));
    }

    /// <summary>The vectors in the places of their heads, and zeros in those of the others: <c>[in]</c>.</summary>
    private Tensor Wide((Parameter Values, Tensor Places) vectors) =>
        zeros([_heads, vectors.Values.shape[1]], device: vectors.Values.device).scatter(0, vectors.Places, vectors.Values).flatten();

    private (Parameter Values, Tensor Places) Own(string name, HeadVectors vectors)
    {
        var places = tensor(vectors.Heads.ToArray(), device: vectors.Values.device)
            .unsqueeze(1)
            .expand(-1, vectors.Values.shape[1])
            .contiguous();
        return (Own(name, vectors.Values), Keep($"{name}_heads", places));
    }
}
