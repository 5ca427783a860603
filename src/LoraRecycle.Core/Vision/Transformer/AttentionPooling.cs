using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>SigLIP's head (arXiv 2303.15343): a learnt query attends to all tokens, then a feed-forward block with a residual.</summary>
public sealed class AttentionPooling : WeightedModule<Tensor, Tensor>
{
    private readonly VisionTransformerConfig _config;
    private readonly Parameter _probe, _inWeight, _inBias;
    private readonly AdaptableLinear _out, _fc1, _fc2;
    private readonly Norm _norm;

    public AttentionPooling(IWeightSource weights, string path, VisionTransformerConfig config) : base(path)
    {
        _config = config;
        var hidden = config.HiddenSize;
        _probe = Take(weights, "probe", 1, 1, hidden);
        _inWeight = Take(weights, "in_weight", 3 * hidden, hidden);
        _inBias = Take(weights, "in_bias", 3 * hidden);
        _out = Add("out", new AdaptableLinear(weights, $"{path}.out", hidden, hidden));
        _norm = Add("norm", new Norm(weights, $"{path}.norm", hidden, config.LayerNormEps));
        _fc1 = Add("fc1", new AdaptableLinear(weights, $"{path}.fc1", hidden, config.IntermediateSize));
        _fc2 = Add("fc2", new AdaptableLinear(weights, $"{path}.fc2", config.IntermediateSize, hidden));
    }

    /// <param name="input">[batch, tokens, hidden].</param>
    /// <returns>[batch, hidden].</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (batch, hidden) = (input.shape[0], _config.HiddenSize);
        var weights = _inWeight.chunk(3);
        var biases = _inBias.chunk(3);
        var query = Heads(BatchInvariantLinear.Of(_probe.expand(batch, 1, hidden), weights[0], biases[0]));
        var key = Heads(BatchInvariantLinear.Of(input, weights[1], biases[1]));
        var value = Heads(BatchInvariantLinear.Of(input, weights[2], biases[2]));
        var attended = Attention.OfOne(query, key, value).reshape(batch, 1, hidden);
        var pooled = _out.call(attended);
        var fed = _fc2.call(_config.Activation.Apply(_fc1.call(_norm.call(pooled))));
        return (pooled + fed).squeeze(1).MoveToOuterDisposeScope();

        Tensor Heads(Tensor projected) => projected.view(batch, -1, _config.HeadCount, _config.HeadSize).transpose(1, 2);
    }
}
