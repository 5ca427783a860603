using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Fused;

/// <summary>
/// A <see cref="VisionTransformer"/> as it stands, adapters merged in, differentiable in the pixels and in nothing else:
/// what inversion runs a thousand times. Several LoRAs that share a batch have a weight each. Where the class token is what
/// counts, the last layer computes that token only. Owns its copies; the model must outlive it.
/// </summary>
internal sealed class FusedTransformer : IDisposable
{
    private readonly VisionTransformer _model;
    private readonly FusedBlock[] _blocks;

    /// <param name="model">With its adapters on.</param>
    public FusedTransformer(VisionTransformer model)
    {
        _model = model;
        OnlyClassToken = model.AttentionPooling is null && model.Config.HasClassToken;
        _blocks =
        [
            .. model.Blocks.Select(
                (block, index) => new FusedBlock(block, model.Config, OnlyClassToken && index == model.Config.LayerCount - 1)
            ),
        ];
    }

    private bool OnlyClassToken { get; }

    /// <param name="input">[batch, 3, size, size], normalised, in the model's precision.</param>
    /// <param name="pruning">Where tokens leave. What leaves in the last layer no longer matters to the class token.</param>
    /// <returns>[batch, embedding].</returns>
    public Tensor Embed(Tensor input, TokenPruning pruning)
    {
        VisionTransformer.RequireImages(input, _model.Config);
        using var scope = NewDisposeScope();
        var (stream, tokens) = (_model.Embeddings.call(input), _model.Config.PatchCount);
        for (var i = 0; i < _blocks.Length; i++)
        {
            if (OnlyClassToken && i == _blocks.Length - 1)
            {
                stream = _blocks[i].RunClassToken(stream);
                break;
            }
            var kept = pruning.KeptAt(i, tokens);
            stream = kept == tokens ? _blocks[i].Run(stream) : _blocks[i].Prune(stream, kept);
            tokens = kept;
        }
        var pooled = _model.AttentionPooling is { } pooling
            ? pooling.call(_model.Config.NormalisesAllTokens ? _model.FinalNorm.call(stream) : stream)
            : _model.FinalNorm.call(stream[TensorIndex.Colon, 0]);
        return (_model.Projection is null ? pooled : nn.functional.linear(pooled, _model.Projection)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var block in _blocks) block.Dispose();
    }
}
