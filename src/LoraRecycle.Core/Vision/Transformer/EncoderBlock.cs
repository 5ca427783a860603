using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Foundation.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>One layer: attention and feed-forward, each behind a norm and added to the residual stream.</summary>
public sealed class EncoderBlock : WeightedModule<Tensor, Tensor>
{
    private readonly VisionTransformerConfig _config;
    private readonly RotaryPositions? _rotary;

    /// <param name="weights">Where the parameters come from.</param>
    /// <param name="path">The layer's path in it.</param>
    /// <param name="config">The model's.</param>
    /// <param name="rotary">What turns queries and keys; null where positions are learnt. Not owned.</param>
    public EncoderBlock(IWeightSource weights, string path, VisionTransformerConfig config, RotaryPositions? rotary = null) : base(path)
    {
        (_config, _rotary) = (config, rotary);
        var (hidden, inner) = (config.HiddenSize, config.IntermediateSize);
        Norm1 = Add("norm1", new Norm(weights, $"{path}.norm1", hidden, config.LayerNormEps));
        Query = Add("q", new AdaptableLinear(weights, $"{path}.q", hidden, hidden, config.HasQueryBias));
        Key = Add("k", new AdaptableLinear(weights, $"{path}.k", hidden, hidden, config.HasKeyBias));
        Value = Add("v", new AdaptableLinear(weights, $"{path}.v", hidden, hidden, config.HasValueBias));
        Out = Add("out", new AdaptableLinear(weights, $"{path}.out", hidden, hidden, config.HasOutBias));
        Norm2 = Add("norm2", new Norm(weights, $"{path}.norm2", hidden, config.LayerNormEps));
        if (config.IsGated) Gate = Add("gate", new AdaptableLinear(weights, $"{path}.gate", hidden, inner, config.HasFeedForwardBias));
        Fc1 = Add("fc1", new AdaptableLinear(weights, $"{path}.fc1", hidden, inner, config.HasFeedForwardBias));
        Fc2 = Add("fc2", new AdaptableLinear(weights, $"{path}.fc2", inner, hidden, config.HasFeedForwardBias));
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

    /// <summary>What the activation is of in a gated block; null in a plain one.</summary>
    public AdaptableLinear? Gate { get; }

    public AdaptableLinear Fc1 { get; }
    public AdaptableLinear Fc2 { get; }

    /// <summary>[hidden], or null where the family has no layer scale.</summary>
    public Parameter? Scale1 { get; }

    public Parameter? Scale2 { get; }

    /// <summary>What takes the place of the feed-forward part; null for the bare block. Not owned.</summary>
    public ExpertMixture? Mixture { get; set; }

    /// <summary>The layers that an adapter may change, by their names within the block.</summary>
    public IEnumerable<(string Name, AdaptableLinear Layer)> AdaptableLayers =>
    [
        ("q", Query), ("k", Key), ("v", Value), ("out", Out), .. Gate is null ? [] : new[] { ("gate", Gate) }, ("fc1", Fc1), ("fc2", Fc2),
    ];

    /// <param name="input">[batch, tokens, hidden], with all patches.</param>
    public override Tensor forward(Tensor input) => Run(input);

    /// <param name="input">[batch, tokens, hidden].</param>
    /// <param name="positions">[batch, kept]: which patches the image tokens are; null for all.</param>
    public Tensor Run(Tensor input, Tensor? positions = null)
    {
        using var scope = NewDisposeScope();
        return Finish(input, Attend(Project(input, positions))).MoveToOuterDisposeScope();
    }

    /// <summary>The layer, in which the image tokens that get the least attention leave: neither the output projection nor the
    /// feed-forward part sees them.</summary>
    /// <param name="input">[batch, tokens, hidden].</param>
    /// <param name="kept">How many image tokens stay.</param>
    /// <param name="positions">[batch, image tokens]: which patches they are; null for all.</param>
    /// <returns>
    /// [batch, kept tokens, hidden], the leading tokens in front where there are any; and which image tokens of the input
    /// they are, [batch, kept], ascending.
    /// </returns>
    public (Tensor Output, Tensor Kept) Prune(Tensor input, int kept, Tensor? positions = null)
    {
        using var scope = NewDisposeScope();
        var heads = Project(input, positions);
        var chosen = Saliency((heads.Query, heads.Key), _config).topk(kept, 1, sorted: false).indexes.sort(1).Values;
        var index = Rows(chosen, _config);
        var output = Finish(input.gather(1, index), Attend(heads).gather(1, index));
        return (output.MoveToOuterDisposeScope(), chosen.MoveToOuterDisposeScope());
    }

    /// <summary>How much attention each image token gets, averaged over heads: the class token's, or where there is none, that of all
    /// tokens. Not differentiable.</summary>
    /// <param name="input">[batch, tokens, hidden], with all patches.</param>
    /// <returns>[batch, image tokens], float32.</returns>
    public Tensor Saliency(Tensor input)
    {
        using var scope = NewDisposeScope();
        var heads = Project(input, positions: null);
        return Saliency((heads.Query, heads.Key), _config).MoveToOuterDisposeScope();
    }

    /// <summary>Query, key and value, each [batch, heads, tokens, head].</summary>
    private (Tensor Query, Tensor Key, Tensor Value) Project(Tensor input, Tensor? positions)
    {
        var (batch, tokens) = (input.shape[0], input.shape[1]);
        var normed = Norm1.call(input);
        return (Turned(Heads(Query)), Turned(Heads(Key)), Heads(Value));

        Tensor Turned(Tensor heads) => _rotary is null ? heads : _rotary.Turn(heads, positions);

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
        return attention.narrow(1, config.LeadingTokens, attention.shape[1] - config.LeadingTokens);
    }

    /// <summary>The rows of a stream that chosen image tokens stand for, those of the leading tokens in front, as <c>gather</c>
    /// takes them.</summary>
    internal static Tensor Rows(Tensor chosen, VisionTransformerConfig config)
    {
        var leading = arange(config.LeadingTokens, ScalarType.Int64, chosen.device).unsqueeze(0).expand(chosen.shape[0], -1);
        var rows = cat([leading, chosen + config.LeadingTokens], 1);
        return rows.unsqueeze(2).expand(-1, -1, config.HiddenSize);
    }

    /// <summary>The output projection of what was attended to, and the feed-forward part.</summary>
    private Tensor Finish(Tensor stream, Tensor attended)
    {
        var projected = Out.call(attended);
        var middle = stream + (Scale1 is null ? projected : projected * Scale1);
        var normed = Norm2.call(middle);
        var fed = Mixture?.Forward(normed, (Fc1.Weight, Fc1.Bias), (Fc2.Weight, Fc2.Bias), input => _config.Activation.Apply(input))
            ?? Fc2.call(Inner(normed));
        return middle + (Scale2 is null ? fed : fed * Scale2);
    }

    private Tensor Inner(Tensor normed)
    {
        if (Gate is null) return _config.Activation.Apply(Fc1.call(normed));
        return _config.Activation.Apply(Gate.call(normed)) * Fc1.call(normed);
    }
}
