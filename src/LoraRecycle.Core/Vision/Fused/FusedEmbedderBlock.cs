using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Vision.Cpu;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Fused;

/// <summary>
/// One layer of a <see cref="FusedEmbedder"/>. Query, key and value are one matrix; layer scales are folded into the
/// matrices before them; quick GELU's slope moves into fc1 and out of fc2, which leaves one fused SiLU between.
/// </summary>
internal sealed class FusedEmbedderBlock : nn.Module
{
    private readonly VisionTransformerConfig _config;
    private readonly Activation _activation;
    private readonly long[] _normShape;
    private readonly Tensor _norm1Weight, _norm1Bias, _norm2Weight, _norm2Bias;
    private readonly Tensor _inWeight, _outWeight, _fc1Weight, _fc2Weight;
    private readonly Tensor? _inBias, _outBias, _gateWeight, _gateBias, _fc1Bias, _fc2Bias;
    private readonly RotaryPositions? _rotary;

    /// <param name="block">With its adapters on.</param>
    /// <param name="config">The model's.</param>
    /// <param name="rotary">What turns queries and keys; null where positions are learnt. Not owned.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="dtype">In what precision.</param>
    /// <exception cref="AdapterException">The block has what no weight can do.</exception>
    public FusedEmbedderBlock(EncoderBlock block, VisionTransformerConfig config, RotaryPositions? rotary, Device device, ScalarType dtype)
        : base(nameof(FusedEmbedderBlock))
    {
        (_config, _rotary, _normShape) = (config, rotary, [config.HiddenSize]);
        if (block.Mixture is not null)
            throw new AdapterException(
                "a mixture of experts cannot be merged into the weights that serve: its router chooses experts for every token. Serve "
                    + "an adapter of another family, such as the result of recycling this one."
            );
        using var scope = NewDisposeScope();
        _norm1Weight = Keep("norm1_weight", block.Norm1.Weight);
        _norm1Bias = Keep("norm1_bias", block.Norm1.Bias);
        _norm2Weight = Keep("norm2_weight", block.Norm2.Weight);
        _norm2Bias = Keep("norm2_bias", block.Norm2.Bias);

        var (query, key, value) = (block.Query.Merged(), block.Key.Merged(), block.Value.Merged());
        _inWeight = Keep("in_weight", cat([query.Weight, key.Weight, value.Weight]));
        // An adapter may give a bias to one of the three only.
        if (query.Bias is not null || key.Bias is not null || value.Bias is not null)
            _inBias = Keep("in_bias", cat([BiasOf(query), BiasOf(key), BiasOf(value)]));

        (_outWeight, _outBias) = KeepLayer("out", Scaled(block.Out.Merged(), block.Scale1));
        (_activation, var slope) = config.Activation.Folded();
        // The slope belongs to what the activation is of.
        if (block.Gate is not null) (_gateWeight, _gateBias) = KeepLayer("gate", Times(block.Gate.Merged(), slope));
        (_fc1Weight, _fc1Bias) = KeepLayer("fc1", Times(block.Fc1.Merged(), block.Gate is null ? slope : 1));
        var (fc2Weight, fc2Bias) = Scaled(block.Fc2.Merged(), block.Scale2);
        (_fc2Weight, _fc2Bias) = KeepLayer("fc2", (slope == 1 ? fc2Weight : fc2Weight / slope, fc2Bias));

        Tensor Keep(string name, Tensor tensor)
        {
            var kept = tensor.detach().to(dtype, device, copy: true).DetachFromDisposeScope();
            register_buffer(name, kept);
            return kept;
        }

        (Tensor Weight, Tensor? Bias) KeepLayer(string name, (Tensor Weight, Tensor? Bias) layer) =>
            (Keep($"{name}_weight", layer.Weight), layer.Bias is null ? null : Keep($"{name}_bias", layer.Bias));
    }

    /// <summary>Updates the residual stream in place.</summary>
    /// <param name="stream">[batch, tokens, hidden], contiguous.</param>
    public void Run(Tensor stream)
    {
        using var scope = NewDisposeScope();
        var shape = stream.shape;
        var rows = stream.view(-1, shape[2]);
        var projected = BatchInvariantLinear
            .Of(Norm1(rows), _inWeight, _inBias)
            .view(shape[0], shape[1], 3, _config.HeadCount, _config.HeadSize);
        var heads = projected.permute(2, 0, 3, 1, 4).unbind(0);
        var attended = Attention.Of(Turned(heads[0]), Turned(heads[1]), heads[2]).transpose(1, 2).reshape(-1, shape[2]);
        Finish(rows, attended);
    }

    /// <summary>The last layer when only the class token is wanted: every token is a key, one, which is nowhere, is a query.</summary>
    /// <param name="stream">[batch, tokens, hidden].</param>
    /// <returns>[batch, hidden], the class token's residual stream.</returns>
    public Tensor RunClassToken(Tensor stream)
    {
        using var scope = NewDisposeScope();
        var (batch, hidden) = (stream.shape[0], stream.shape[2]);
        var normed = Norm1(stream);
        var query = BatchInvariantLinear.Of(normed[TensorIndex.Colon, 0], _inWeight.narrow(0, 0, hidden), _inBias?.narrow(0, 0, hidden))
            .view(batch, 1, _config.HeadCount, _config.HeadSize).transpose(1, 2);
        var others = BatchInvariantLinear.Of(normed, _inWeight.narrow(0, hidden, 2 * hidden), _inBias?.narrow(0, hidden, 2 * hidden))
            .view(batch, -1, 2, _config.HeadCount, _config.HeadSize);
        var heads = others.permute(2, 0, 3, 1, 4).unbind(0);
        var attended = Attention.OfOne(query, Turned(heads[0]), heads[1]).reshape(batch, hidden);
        var token = stream[TensorIndex.Colon, 0].clone();
        Finish(token, attended);
        return token.MoveToOuterDisposeScope();
    }

    /// <summary>Adds the projected attention and then the feed-forward branch to <paramref name="rows"/> [rows, hidden], in
    /// place.</summary>
    private void Finish(Tensor rows, Tensor attended)
    {
        rows.add_(BatchInvariantLinear.Of(attended, _outWeight, _outBias));
        var normed = nn.functional.layer_norm(rows, _normShape, _norm2Weight, _norm2Bias, _config.LayerNormEps);
        var first = BatchInvariantLinear.Of(normed, _fc1Weight, _fc1Bias);
        var inner = _gateWeight is null
            ? Activate(first)
            : Activate(BatchInvariantLinear.Of(normed, _gateWeight, _gateBias)).mul_(first);
        rows.add_(BatchInvariantLinear.Of(inner, _fc2Weight, _fc2Bias));
    }

    private Tensor Turned(Tensor heads) => _rotary is null ? heads : _rotary.Turn(heads);

    private Tensor Activate(Tensor inner)
    {
        switch (_activation)
        {
            case Activation.Silu when CpuKernels.Accept(inner):
                CpuKernels.SiluInPlace(inner);
                return inner;
            case Activation.Silu: return inner.silu_();
            case Activation.Gelu: return inner.gelu_();
            default: return _activation.Apply(inner);
        }
    }

    private Tensor Norm1(Tensor input) => nn.functional.layer_norm(input, _normShape, _norm1Weight, _norm1Bias, _config.LayerNormEps);

    private static Tensor BiasOf((Tensor Weight, Tensor? Bias) layer) =>
        layer.Bias ?? zeros([layer.Weight.shape[0]], layer.Weight.dtype, layer.Weight.device);

    private static (Tensor Weight, Tensor? Bias) Scaled((Tensor Weight, Tensor? Bias) layer, Tensor? scale) => scale is null
        ? layer
        : (layer.Weight * scale.unsqueeze(1), layer.Bias is null ? null : layer.Bias * scale);

    private static (Tensor Weight, Tensor? Bias) Times((Tensor Weight, Tensor? Bias) layer, double factor) =>
        factor == 1 ? layer : (layer.Weight * factor, layer.Bias is null ? null : layer.Bias * factor);
}
