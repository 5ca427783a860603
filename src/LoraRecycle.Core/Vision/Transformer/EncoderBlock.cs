using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Foundation.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

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

    /// <summary>What takes the place of the feed-forward part; null for the bare block. Not owned.</summary>
    public ExpertMixture? Mixture { get; set; }

    /// <summary>The layers that an adapter may change, by their names within the block.</summary>
    public IEnumerable<(string Name, AdaptableLinear Layer)> AdaptableLayers =>
        [("q", Query), ("k", Key), ("v", Value), ("out", Out), ("fc1", Fc1), ("fc2", Fc2)];

    /// <param name="input">[batch, tokens, hidden].</param>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Finish(input, Attend(Project(input))).MoveToOuterDisposeScope();
    }

    /// <summary>The layer, in which the image tokens that get the least attention leave: neither the output projection nor the
    /// feed-forward part sees them.</summary>
    /// <param name="input">[batch, tokens, hidden].</param>
    /// <param name="kept">How many image tokens stay.</param>
    /// <returns>
    /// [batch, kept tokens, hidden], the class token in front where there is one; and which image tokens of the input
    /// they are, [batch, kept], ascending.
    /// </returns>
    public (Tensor Output, Tensor Kept) Prune(Tensor input, int kept)
    {
        using var scope = NewDisposeScope();
        var heads = Project(input);
        var chosen = Saliency((heads.Query, heads.Key), _config).topk(kept, 1, sorted: false).indexes.sort(1).Values;
        var index = Rows(chosen, _config);
        var output = Finish(input.gather(1, index), Attend(heads).gather(1, index));
        return (output.MoveToOuterDisposeScope(), chosen.MoveToOuterDisposeScope());
    }

    /// <summary>How much attention each image token gets, averaged over heads: the class token's, or where there is none, that of all
    /// tokens. Not differentiable.</summary>
    /// <param name="input">[batch, tokens, hidden].</param>
    /// <returns>[batch, image tokens], float32.</returns>
    public Tensor Saliency(Tensor input)
    {
        using var scope = NewDisposeScope();
        var heads = Project(input);
        return Saliency((heads.Query, heads.Key), _config).MoveToOuterDisposeScope();
    }

    /// <summary>Query, key and value, each [batch, heads, tokens, head].</summary>
    private (Tensor Query, Tensor Key, Tensor Value) Project(Tensor input)
    {
        var (batch, tokens) = (input.shape[0], input.shape[1]);
        var normed = Norm1.call(input);
        return (Heads(Query), Heads(Key), Heads(Value));

        Tensor Heads(AdaptableLinear projection) =>
            projection.call(normed).view(batch, tokens, _config.HeadCount, _config.HeadSize).transpose(1, 2);
    }

    /// <returns>[batch, tokens, hidden].</returns>
    private static Tensor Attend((Tensor Query, Tensor Key, Tensor Value) heads) =>
        nn.functional.scaled_dot_product_attention(heads.Query, heads.Key, heads.Value).transpose(1, 2).flatten(2);

    /// <param name="heads">[batch, heads, tokens, head] each.</param>
    /// <param name="config">The model's.</param>
    /// <returns>[batch, image tokens], float32.</returns>
    internal static Tensor Saliency((Tensor Query, Tensor Key) heads, VisionTransformerConfig config)
    {
        using var selectionHasNoGradient = no_grad();
        var asking = config.HasClassToken ? heads.Query.narrow(2, 0, 1) : heads.Query;
        var attention = asking.mul(1 / Math.Sqrt(config.HeadSize)).Times(heads.Key.mT).softmax(-1, ScalarType.Float32).mean([1, 2]);
        return config.HasClassToken ? attention.narrow(1, 1, attention.shape[1] - 1) : attention;
    }

    /// <summary>The rows of a stream that chosen image tokens stand for, the class token's in front, as <c>gather</c> takes them.</summary>
    internal static Tensor Rows(Tensor chosen, VisionTransformerConfig config)
    {
        var rows = config.HasClassToken ? cat([zeros_like(chosen.narrow(1, 0, 1)), chosen + 1], 1) : chosen;
        return rows.unsqueeze(2).expand(-1, -1, config.HiddenSize);
    }

    /// <summary>The output projection of what was attended to, and the feed-forward part.</summary>
    private Tensor Finish(Tensor stream, Tensor attended)
    {
        var projected = Out.call(attended);
        var middle = stream + (Scale1 is null ? projected : projected * Scale1);
        var normed = Norm2.call(middle);
        var fed = Mixture?.Forward(normed, (Fc1.Weight, Fc1.Bias), (Fc2.Weight, Fc2.Bias), input => _config.Activation.Apply(input))
            ?? Fc2.call(_config.Activation.Apply(Fc1.call(normed)));
        return middle + (Scale2 is null ? fed : fed * Scale2);
    }
}
