using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>SigLIP's head (arXiv 2303.15343): a learnt query attends to all tokens, then a feed-forward block with a residual.</summary>
public sealed class AttentionPooling : WeightedModule<Tensor, Tensor>
{
    private readonly VisionTransformerConfig _config;
    private readonly Parameter _probe, _inWeight, _inBias;
    private readonly Norm _norm;

    public AttentionPooling(IWeightSource weights, string path, VisionTransformerConfig config) : base(path)
    {
        _config = config;
        var hidden = config.HiddenSize;
        _probe = Take(weights, "probe", 1, 1, hidden);
        _inWeight = Take(weights, "in_weight", 3 * hidden, hidden);
        _inBias = Take(weights, "in_bias", 3 * hidden);
        Out = Add("out", new AdaptableLinear(weights, $"{path}.out", hidden, hidden));
        _norm = Add("norm", new Norm(weights, $"{path}.norm", hidden, config.LayerNormEps));
        Fc1 = Add("fc1", new AdaptableLinear(weights, $"{path}.fc1", hidden, config.IntermediateSize));
        Fc2 = Add("fc2", new AdaptableLinear(weights, $"{path}.fc2", config.IntermediateSize, hidden));
    }

    public AdaptableLinear Out { get; }

    public AdaptableLinear Fc1 { get; }

    public AdaptableLinear Fc2 { get; }

    /// <summary>The layers that an adapter may change, by their names within the head.</summary>
    public IEnumerable<(string Name, AdaptableLinear Layer)> AdaptableLayers => [("out", Out), ("fc1", Fc1), ("fc2", Fc2)];

    /// <param name="input">[batch, tokens, hidden].</param>
    /// <returns>[batch, hidden].</returns>
    public override Tensor forward(Tensor input) => Pool(input, Out.call, Fc1.call, Fc2.call);

    /// <summary>The same with linear layers that take the place of its own, each for [batch, 1, in].</summary>
    internal Tensor Pool(Tensor input, Func<Tensor, Tensor> output, Func<Tensor, Tensor> first, Func<Tensor, Tensor> second)
    {
        using var scope = NewDisposeScope();
        var (batch, hidden) = (input.shape[0], _config.HiddenSize);
        var weights = _inWeight.chunk(3);
        var biases = _inBias.chunk(3);
        var query = Heads(BatchInvariantLinear.Of(_probe.expand(batch, 1, hidden), weights[0], biases[0]));
        var key = Heads(BatchInvariantLinear.Of(input, weights[1], biases[1]));
        var value = Heads(BatchInvariantLinear.Of(input, weights[2], biases[2]));
        var attended = Attention.OfOne(query, key, value).reshape(batch, 1, hidden);
        var pooled = output(attended);
        var fed = second(_config.Activation.Apply(first(_norm.call(pooled))));
        return (pooled + fed).squeeze(1).MoveToOuterDisposeScope();

        Tensor Heads(Tensor projected) => projected.view(batch, -1, _config.HeadCount, _config.HeadSize).transpose(1, 2);
    }
}
