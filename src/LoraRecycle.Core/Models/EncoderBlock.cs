using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Models;

/// <summary>One layer: attention and feed-forward, each behind a norm and added to the residual stream.</summary>
public sealed class EncoderBlock : WeightedModule<Tensor, Tensor>
{
    private readonly VisionTransformerConfig _config;

    public EncoderBlock(IWeightSource weights, string path, VisionTransformerConfig config) : base(path)
    {
        _config = config;
        var (hidden, inner, bias) = (config.HiddenSize, config.IntermediateSize, config.HasQueryKeyValueBias);
        Norm1 = Add("norm1", new Norm(weights, $"{path}.norm1", hidden, config.LayerNormEps));
        Query = Add("q", new AdaptableLinear(weights, $"{path}.q", hidden, hidden, bias));
        Key = Add("k", new AdaptableLinear(weights, $"{path}.k", hidden, hidden, bias));
        Value = Add("v", new AdaptableLinear(weights, $"{path}.v", hidden, hidden, bias));
        Out = Add("out", new AdaptableLinear(weights, $"{path}.out", hidden, hidden));
        Norm2 = Add("norm2", new Norm(weights, $"{path}.norm2", hidden, config.LayerNormEps));
        Fc1 = Add("fc1", new AdaptableLinear(weights, $"{path}.fc1", hidden, inner));
        Fc2 = Add("fc2", new AdaptableLinear(weights, $"{path}.fc2", inner, hidden));
        if (!config.HasLayerScale) return;
        Scale1 = Take(weights, "scale1", hidden);
        Scale2 = Take(weights, "scale2", hidden);
    }

    public Norm Norm1 { get; }
    public AdaptableLinear Query { get; }
    public AdaptableLinear Key { get; }
    public AdaptableLinear Value { get; }
    public AdaptableLinear Out { get; }
    public Norm Norm2 { get; }
    public AdaptableLinear Fc1 { get; }
    public AdaptableLinear Fc2 { get; }

    /// <summary>[hidden], or null where the family has no layer scale.</summary>
    public Parameter? Scale1 { get; }

    public Parameter? Scale2 { get; }

    /// <summary>The layers that an adapter may change, by their names within the block.</summary>
    public IEnumerable<(string Name, AdaptableLinear Layer)> AdaptableLayers =>
        [("q", Query), ("k", Key), ("v", Value), ("out", Out), ("fc1", Fc1), ("fc2", Fc2)];

    /// <param name="input">[batch, tokens, hidden].</param>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var attended = Attend(Norm1.call(input));
        var middle = input + (Scale1 is null ? attended : attended * Scale1);
        var fed = Fc2.call(_config.Activation.Apply(Fc1.call(Norm2.call(middle))));
        return (middle + (Scale2 is null ? fed : fed * Scale2)).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor input)
    {
        var (batch, tokens) = (input.shape[0], input.shape[1]);
        var attended = nn.functional.scaled_dot_product_attention(Heads(Query), Heads(Key), Heads(Value));
        return Out.call(attended.transpose(1, 2).reshape(batch, tokens, _config.HiddenSize));

        Tensor Heads(AdaptableLinear projection) =>
            projection.call(input).view(batch, tokens, _config.HeadCount, _config.HeadSize).transpose(1, 2);
    }
}
