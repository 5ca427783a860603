using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Fused;

/// <summary>
/// One layer of a <see cref="FusedTransformer"/>: an <see cref="EncoderBlock"/> whose weights no longer change. Query, key
/// and value are one product, adapters and layer scales are in the matrices, and quick GELU's slope is in those around it.
/// A mixture of experts, which no matrix can hold, runs as it is; it must outlive this.
/// </summary>
internal sealed class FusedBlock : IDisposable
{
    private readonly EncoderBlock _block;
    private readonly VisionTransformerConfig _config;
    private readonly Activation _activation;
    private readonly FusedProjection _in, _out;
    private readonly FusedProjection? _query, _fc1, _fc2;
    private readonly ExpertMixture? _mixture;

    /// <param name="block">With its adapters on; its norms are used, its matrices copied.</param>
    /// <param name="config">The model's.</param>
    /// <param name="onlyClassToken">Whether nothing but the class token is asked of it.</param>
    public FusedBlock(EncoderBlock block, VisionTransformerConfig config, bool onlyClassToken)
    {
        (_block, _config) = (block, config);
        (_activation, var slope) = config.Activation.Folded();
        _in = new FusedProjection(onlyClassToken ? [block.Key, block.Value] : [block.Query, block.Key, block.Value]);
        if (onlyClassToken) _query = new FusedProjection([block.Query]);
        _out = new FusedProjection([block.Out], block.Scale1);
        _mixture = block.Mixture;
        if (_mixture is not null) return;
        _fc1 = new FusedProjection([block.Fc1], outer: slope);
        _fc2 = new FusedProjection([block.Fc2], block.Scale2, inner: 1 / slope);
    }

    /// <param name="stream">[batch, tokens, hidden].</param>
    /// <returns>The same shape.</returns>
    public Tensor Run(Tensor stream)
    {
        using var scope = NewDisposeScope();
        return Finish(stream, Attend(Heads(_in, _block.Norm1.call(stream)))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="EncoderBlock.Prune"/>
    public Tensor Prune(Tensor stream, int kept)
    {
        using var scope = NewDisposeScope();
        var heads = Heads(_in, _block.Norm1.call(stream));
        var chosen = EncoderBlock.Saliency((heads[0], heads[1]), _config).topk(kept, 1, sorted: false).indexes.sort(1).Values;
        var index = EncoderBlock.Rows(chosen, _config);
        return Finish(stream.gather(1, index), Attend(heads).gather(1, index)).MoveToOuterDisposeScope();
    }

    /// <summary>The last layer where only the class token is wanted: every token is a key, one is a query.</summary>
    /// <returns>[batch, 1, hidden].</returns>
    public Tensor RunClassToken(Tensor stream)
    {
        using var scope = NewDisposeScope();
        var normed = _block.Norm1.call(stream);
        var query = Heads(_query!, normed.narrow(1, 0, 1))[0];
        var others = Heads(_in, normed);
        return Finish(stream.narrow(1, 0, 1), Attend([query, others[0], others[1]])).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var projection in new[] { _in, _out, _fc1, _fc2, _query }) projection?.Dispose();
    }

    /// <returns>As many as the projection has layers, each [batch, heads, tokens, head].</returns>
    private Tensor[] Heads(FusedProjection projection, Tensor input) =>
        [
            .. projection
                .Apply(input)
                .view(input.shape[0], input.shape[1], -1, _config.HeadCount, _config.HeadSize)
                .unbind(2)
                .Select(part => part.transpose(1, 2)),
        ];

    private static Tensor Attend(Tensor[] heads) =>
        nn.functional.scaled_dot_product_attention(heads[0], heads[1], heads[2]).transpose(1, 2).flatten(2);

    private Tensor Finish(Tensor stream, Tensor attended)
    {
        var middle = stream + _out.Apply(attended);
        var normed = _block.Norm2.call(middle);
        if (_mixture is null)
            return middle + _fc2!.Apply(_activation.Apply(_fc1!.Apply(normed)));
        var fed = _mixture.Forward(
            normed,
            (_block.Fc1.Weight, _block.Fc1.Bias),
            (_block.Fc2.Weight, _block.Fc2.Bias),
            input => _config.Activation.Apply(input)
        );
        return middle + (_block.Scale2 is null ? fed : fed * _block.Scale2);
    }
}
