using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters;

/// <summary>
/// MixLoRA's feed-forward block (arXiv 2404.15159): every expert is the frozen block with LoRAs of its own, and a router
/// picks for each token the few experts whose outputs are mixed, by a softmax over all of which the chosen ones' shares
/// are made to sum to one. What a token meets depends on the token, so no weight does the same: this cannot be merged.
/// </summary>
public sealed class ExpertMixture : nn.Module
{
    private readonly Parameter _router;
    private readonly (Parameter A, Parameter B)? _first;
    private readonly (Parameter A, Parameter B)? _second;
    private readonly double _scale;

    /// <param name="router"><c>[experts, hidden]</c>; taken over.</param>
    /// <param name="first">On the block's first layer; or none. Taken over.</param>
    /// <param name="second">On its second layer; or none. Taken over.</param>
    /// <param name="scale">The factor before B A.</param>
    /// <param name="chosen">How many experts a token gets.</param>
    internal ExpertMixture(Tensor router, Experts? first, Experts? second, double scale, int chosen)
        : base(nameof(ExpertMixture))
    {
        (Count, Chosen, _scale) = (router.shape[0], chosen, scale);
        _router = LayerAdapter.Own(this, "moe_gate", router);
        _first = Own("fc1", first);
        _second = Own("fc2", second);
    }

    /// <summary>How many experts there are.</summary>
    public long Count { get; }

    /// <summary>How many of them a token gets.</summary>
    public int Chosen { get; }

    /// <summary>The block's output, differentiable in the input and in all parameters.</summary>
    /// <param name="input"><c>[..., hidden]</c>, normalised.</param>
    /// <param name="first">The frozen block's first layer, <c>[inner, hidden]</c> and <c>[inner]</c>.</param>
    /// <param name="second">Its second layer, <c>[hidden, inner]</c> and <c>[hidden]</c>.</param>
    /// <param name="activation">What is between them; gives a new tensor.</param>
    /// <returns><c>[..., hidden]</c>, in the input's type.</returns>
    /// <remarks>
    /// All experts compute all tokens and those that were not chosen count nothing, which keeps shapes fixed. As the shares
    /// sum to one, the second layer's frozen part is computed once, on the mixture of what goes into it.
    /// </remarks>
    public Tensor Forward(
        Tensor input,
        (Tensor Weight, Tensor? Bias) first,
        (Tensor Weight, Tensor? Bias) second,
        Func<Tensor, Tensor> activation
    )
    {
        using var scope = NewDisposeScope();
        var shares = Shares(input).to(input.dtype);
        var common = nn.functional.linear(input, first.Weight, first.Bias);
        var (mixed, branches) = (default(Tensor), default(Tensor));
        for (var expert = 0; expert < Count; expert++)
        {
            var inner = _first is { } lora ? common.add(Branch(input, lora, expert)) : common;
            var weighted = activation(inner).mul(shares.narrow(-1, expert, 1));
            mixed = mixed is null ? weighted : mixed.add(weighted);
            if (_second is not { } other)
                continue;
            var branch = Branch(weighted, other, expert);
            branches = branches is null ? branch : branches.add(branch);
        }
        var output = nn.functional.linear(mixed!, second.Weight, second.Bias);
        return (branches is null ? output : output.add(branches)).MoveToOuterDisposeScope();
    }

    /// <summary>How much each expert counts for each token, float32, <c>[..., experts]</c>: zero for those that were not chosen.</summary>
    internal Tensor Shares(Tensor input)
    {
        using var scope = NewDisposeScope();
        var odds = nn.functional.linear(input.to(float32), _router).softmax(-1);
        var (highest, which) = odds.topk(Chosen);
        return zeros_like(odds).scatter(-1, which, highest / highest.sum(-1, keepdim: true)).MoveToOuterDisposeScope();
    }

    private Tensor Branch(Tensor input, (Parameter A, Parameter B) lora, int expert) => nn.functional.linear(
        nn.functional.linear(input, lora.A[expert].to(input.dtype)), lora.B[expert].mul(_scale).to(input.dtype));

    private (Parameter A, Parameter B)? Own(string layer, Experts? experts) => experts is null
        ? null
        : (LayerAdapter.Own(this, $"{layer}_lora_A", experts.A), LayerAdapter.Own(this, $"{layer}_lora_B", experts.B));
}
