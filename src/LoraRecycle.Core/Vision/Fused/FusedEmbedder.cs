using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Fused;

/// <summary>
/// A transformer made ready to serve: the same function as <see cref="VisionTransformer"/> with adapters merged into the
/// weights, rearranged so that an image costs as little as it can. It has weights of its own; the transformer may go.
/// </summary>
public sealed class FusedEmbedder : nn.Module<Tensor, Tensor>
{
    private readonly VisionTransformerConfig _config;
    private readonly Tensor _patchWeight, _finalNormWeight, _finalNormBias;
    private readonly Tensor? _patchBias, _leading, _position, _preNormWeight, _preNormBias, _projection, _projectionBias;
    private readonly RotaryPositions? _rotary;
    private readonly FusedEmbedderBlock[] _layers;
    private readonly AttentionPooling? _pooling;

    /// <param name="model">The transformer, with the adapter to merge attached, or none. Merging is done in its own precision.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="dtype">In what precision it computes.</param>
    public FusedEmbedder(VisionTransformer model, Device device, ScalarType dtype = ScalarType.Float32) : base(nameof(FusedEmbedder))
    {
        (_config, Device, Precision) = (model.Config, device, dtype);
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        var embeddings = model.Embeddings;
        _patchWeight = Keep("patch_weight", embeddings.Weight.flatten(1))!;
        _patchBias = Keep("patch_bias", embeddings.Bias);
        _leading = Keep("leading", embeddings.Leading());
        _position = Keep("position", embeddings.PatchPositions);
        _preNormWeight = Keep("pre_norm_weight", embeddings.PreNorm?.Weight);
        _preNormBias = Keep("pre_norm_bias", embeddings.PreNorm?.Bias);
        if (_config.RotaryBase is not null) _rotary = new RotaryPositions(_config, device, dtype);
        _layers = [.. model.Blocks.Select(block => new FusedEmbedderBlock(block, _config, _rotary, device, dtype))];
        register_module("layers", nn.ModuleList(_layers));
        _finalNormWeight = Keep("final_norm_weight", model.FinalNorm.Weight)!;
        _finalNormBias = Keep("final_norm_bias", model.FinalNorm.Bias)!;
        if (model.Projection?.Merged() is var (projection, bias))
            (_projection, _projectionBias) = (Keep("projection", projection), Keep("projection_bias", bias));
        if (model.AttentionPooling is not null)
            register_module("pooling", _pooling = new AttentionPooling(new CopiedWeights(model, device, dtype), "pooling", _config));

        Tensor? Keep(string name, Tensor? tensor)
        {
            if (tensor is null) return null;
            var kept = tensor.detach().to(dtype, device, copy: true).DetachFromDisposeScope();
            register_buffer(name, kept);
            return kept;
        }
    }

    public VisionTransformerConfig Config => _config;

    public Device Device { get; }

    public ScalarType Precision { get; }

    /// <param name="input">[batch, 3, height, width], normalised, on any device and in any float dtype.</param>
    /// <returns>[batch, embedding] in float32 on the embedder's device.</returns>
    public override Tensor forward(Tensor input)
    {
        VisionTransformer.RequireImages(input, _config);
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var stream = Embed(input.to(Precision, Device));
        var pooled = _pooling is null ? ClassToken(stream) : AllTokens(stream);
        var embedding = _projection is null ? pooled : BatchInvariantLinear.Of(pooled, _projection, _projectionBias);
        return embedding.to(ScalarType.Float32, copy: true).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _rotary?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Embed(Tensor pixels)
    {
        var tokens = BatchInvariantLinear.Of(PatchEmbedding.Patches(pixels, _config.PatchSize), _patchWeight, _patchBias);
        if (_position is not null) tokens.add_(_position);
        if (_leading is not null) tokens = cat([_leading.expand(pixels.shape[0], -1, -1), tokens], 1);
        return _preNormWeight is null ? tokens : Normalise(tokens, _preNormWeight, _preNormBias);
    }

    private Tensor ClassToken(Tensor stream)
    {
        foreach (var layer in _layers.AsSpan(0, _layers.Length - 1)) layer.Run(stream);
        return Normalise(_layers[^1].RunClassToken(stream), _finalNormWeight, _finalNormBias);
    }

    private Tensor AllTokens(Tensor stream)
    {
        foreach (var layer in _layers) layer.Run(stream);
        return _pooling!.call(Normalise(stream, _finalNormWeight, _finalNormBias));
    }

    private Tensor Normalise(Tensor input, Tensor weight, Tensor? bias) =>
        nn.functional.layer_norm(input, [_config.HiddenSize], weight, bias, _config.LayerNormEps);
}
