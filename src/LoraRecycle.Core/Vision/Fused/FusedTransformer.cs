using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Fused;

/// <summary>
/// A <see cref="VisionTransformer"/> as it stands, for what runs a thousand times: inversion, with adapters merged in and
/// differentiable in the pixels alone, and distillation, whose LoRA stays beside the weights. Several LoRAs that share a batch
/// have a weight each. Where the class token is what counts, the last layer computes that token only. Owns its copies; the
/// model, and a LoRA that is trained, must outlive it.
/// </summary>
internal sealed class FusedTransformer : IDisposable
{
    private readonly VisionTransformer _model;
    private readonly FusedBlock[] _blocks;
    private readonly RotaryPositions? _rotary;
    private readonly FusedProjection? _projection;
    private readonly FusedProjection[] _pooling = [];

    /// <param name="model">With its adapters on.</param>
    /// <param name="train">Whether LoRAs stay beside the weights, to be trained; what else adapts the model is merged all the same.</param>
    public FusedTransformer(VisionTransformer model, bool train = false)
    {
        _model = model;
        var (device, dtype) = (model.Embeddings.Weight.device, model.Embeddings.Weight.dtype);
        if (model.Config.RotaryBase is not null) _rotary = new RotaryPositions(model.Config, device, dtype);
        if (model.Projection is not null) _projection = new FusedProjection([model.Projection], train: train);
        if (model.AttentionPooling is { } pooling)
            _pooling = [.. pooling.AdaptableLayers.Select(entry => new FusedProjection([entry.Layer], train: train))];
        OnlyClassToken = model.AttentionPooling is null && model.Config.HasClassToken;
        _blocks =
        [
            .. model.Blocks.Select(
                (block, index) =>
                    new FusedBlock(block, model.Config, _rotary, OnlyClassToken && index == model.Config.LayerCount - 1, train)
            ),
        ];
    }

    private bool OnlyClassToken { get; }

    /// <param name="input">[batch, 3, size, size], normalised, in the model's precision.</param>
    /// <param name="pruning">Where tokens leave; null for nowhere. What leaves in the last layer no longer matters to the class
    /// token.</param>
    /// <param name="entering">[batch, kept]: the patches that enter, row by row from 0; null for all.</param>
    /// <returns>[batch, embedding].</returns>
    public Tensor Embed(Tensor input, TokenPruning? pruning = null, Tensor? entering = null)
    {
        VisionTransformer.RequireImages(input, _model.Config);
        using var scope = NewDisposeScope();
        var stream = entering is null ? _model.Embeddings.call(input) : _model.Embeddings.Sparse(input, entering);
        var tokens = (int)(entering?.shape[1] ?? _model.Config.PatchCount);
        var positions = entering;
        for (var i = 0; i < _blocks.Length; i++)
        {
            if (OnlyClassToken && i == _blocks.Length - 1)
            {
                stream = _blocks[i].RunClassToken(stream, positions);
                break;
            }
            var kept = pruning?.KeptAt(i, tokens) ?? tokens;
            if (kept == tokens)
            {
                stream = _blocks[i].Run(stream, positions);
                continue;
            }
            (stream, var chosen) = _blocks[i].Prune(stream, kept, positions);
            (positions, tokens) = (positions?.gather(1, chosen) ?? chosen, kept);
        }
        var pooled = _model.AttentionPooling is { } pooling
            ? pooling.Pool(
                _model.Config.NormalisesAllTokens ? _model.FinalNorm.call(stream) : stream,
                _pooling[0].Apply,
                _pooling[1].Apply,
                _pooling[2].Apply
            )
            : _model.FinalNorm.call(stream[TensorIndex.Colon, 0]);
        return (_projection is null ? pooled : _projection.Apply(pooled.unsqueeze(1)).squeeze(1)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var block in _blocks) block.Dispose();
        foreach (var projection in _pooling) projection.Dispose();
        _projection?.Dispose();
        _rotary?.Dispose();
    }
}
