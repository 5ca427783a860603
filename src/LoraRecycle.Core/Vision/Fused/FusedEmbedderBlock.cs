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
    private readonly Tensor _inWeight, _outWeight, _outBias, _fc1Weight, _fc1Bias, _fc2Weight, _fc2Bias;
    private readonly Tensor? _inBias;

    /// <exception cref="AdapterException">The block has what no weight can do.</exception>
    public FusedEmbedderBlock(EncoderBlock block, VisionTransformerConfig config, Device device, ScalarType dtype)
        : base(nameof(FusedEmbedderBlock))
    {
        (_config, _normShape) = (config, [config.HiddenSize]);
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

        var (outWeight, outBias) = Scaled(block.Out.Merged(), block.Scale1);
        _outWeight = Keep("out_weight", outWeight);
        _outBias = Keep("out_bias", outBias);

        var (fc1Weight, fc1Bias) = block.Fc1.Merged();
        var (fc2Weight, fc2Bias) = Scaled(block.Fc2.Merged(), block.Scale2);
        (_activation, var slope) = config.Activation.Folded();
        if (slope != 1) (fc1Weight, fc1Bias, fc2Weight) = (fc1Weight * slope, fc1Bias! * slope, fc2Weight / slope);
        _fc1Weight = Keep("fc1_weight", fc1Weight);
        _fc1Bias = Keep("fc1_bias", fc1Bias!);
        _fc2Weight = Keep("fc2_weight", fc2Weight);
        _fc2Bias = Keep("fc2_bias", fc2Bias);

        Tensor Keep(string name, Tensor tensor)
        {
            var kept = tensor.detach().to(dtype, device, copy: true).DetachFromDisposeScope();
            register_buffer(name, kept);
            return kept;
        }
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
        var attended = Attention.Of(heads[0], heads[1], heads[2]).transpose(1, 2).reshape(-1, shape[2]);
        Finish(rows, attended);
    }

    /// <summary>The last layer when only the class token is wanted: every token is a key, one is a query.</summary>
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
        var attended = Attention.OfOne(query, heads[0], heads[1]).reshape(batch, hidden);
        var token = stream[TensorIndex.Colon, 0].clone();
        Finish(token, attended);
        return token.MoveToOuterDisposeScope();
    }

    /// <summary>Adds the projected attention and then the feed-forward branch to <paramref name="rows"/> [rows, hidden], in
    /// place.</summary>
    private void Finish(Tensor rows, Tensor attended)
    {
        rows.add_(BatchInvariantLinear.Of(attended, _outWeight, _outBias));
        var inner = BatchInvariantLinear.Of(
            nn.functional.layer_norm(rows, _normShape, _norm2Weight, _norm2Bias, _config.LayerNormEps),
            _fc1Weight,
            _fc1Bias
        );
        rows.add_(BatchInvariantLinear.Of(Activate(inner), _fc2Weight, _fc2Bias));
    }

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

    private static (Tensor Weight, Tensor Bias) Scaled((Tensor Weight, Tensor? Bias) layer, Tensor? scale) => scale is null
        ? (layer.Weight, layer.Bias!)
        : (layer.Weight * scale.unsqueeze(1), layer.Bias! * scale);
}
