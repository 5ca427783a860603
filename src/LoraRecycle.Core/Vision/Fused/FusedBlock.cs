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
    private readonly FusedProjection? _query, _gate, _fc1, _fc2;
    private readonly RotaryPositions? _rotary;
    private readonly ExpertMixture? _mixture;

    /// <param name="block">With its adapters on; its norms are used, its matrices copied.</param>
    /// <param name="config">The model's.</param>
    /// <param name="rotary">What turns queries and keys; null where positions are learnt. Not owned.</param>
    /// <param name="onlyClassToken">Whether nothing but the class token is asked of it.</param>
    /// <param name="train">Whether its LoRAs are trained.</param>
    public FusedBlock(EncoderBlock block, VisionTransformerConfig config, RotaryPositions? rotary, bool onlyClassToken, bool train)
    {
        (_block, _config, _rotary) = (block, config, rotary);
        (_activation, var slope) = config.Activation.Folded();
        _in = new FusedProjection(onlyClassToken ? [block.Key, block.Value] : [block.Query, block.Key, block.Value], train: train);
        if (onlyClassToken) _query = new FusedProjection([block.Query], train: train);
        _out = new FusedProjection([block.Out], block.Scale1, train: train);
        _mixture = block.Mixture;
        if (_mixture is not null) return;
        // The slope belongs to what the activation is of.
        if (block.Gate is not null) _gate = new FusedProjection([block.Gate], outer: slope, train: train);
        _fc1 = new FusedProjection([block.Fc1], outer: _gate is null ? slope : 1, train: train);
        _fc2 = new FusedProjection([block.Fc2], block.Scale2, inner: 1 / slope, train: train);
    }

    /// <param name="stream">[batch, tokens, hidden].</param>
    /// <param name="positions">[batch, kept]: which patches the image tokens are; null for all.</param>
    /// <returns>The same shape.</returns>
    public Tensor Run(Tensor stream, Tensor? positions)
    {
        using var scope = NewDisposeScope();
        return Finish(stream, Attend(Turned(Heads(_in, _block.Norm1.call(stream)), 2, positions))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="EncoderBlock.Prune"/>
    public (Tensor Output, Tensor Kept) Prune(Tensor stream, int kept, Tensor? positions)
    {
        using var scope = NewDisposeScope();
        var heads = Turned(Heads(_in, _block.Norm1.call(stream)), 2, positions);
        var chosen = EncoderBlock.Saliency((heads[0], heads[1]), _config).topk(kept, 1, sorted: false).indexes.sort(1).Values;
        var index = EncoderBlock.Rows(chosen, _config);
        var output = Finish(stream.gather(1, index), Attend(heads).gather(1, index));
        return (output.MoveToOuterDisposeScope(), chosen.MoveToOuterDisposeScope());
    }

    /// <summary>The last layer where only the class token is wanted: every token is a key, one, which is nowhere, is a query.</summary>
    /// <returns>[batch, 1, hidden].</returns>
    public Tensor RunClassToken(Tensor stream, Tensor? positions)
    {
        using var scope = NewDisposeScope();
        var normed = _block.Norm1.call(stream);
        var query = Heads(_query!, normed.narrow(1, 0, 1))[0];
        var others = Turned(Heads(_in, normed), 1, positions);
        return Finish(stream.narrow(1, 0, 1), Attend([query, others[0], others[1]])).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var projection in new[] { _in, _out, _gate, _fc1, _fc2, _query }) projection?.Dispose();
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

    /// <summary>Turns the first few, which are queries and keys.</summary>
    private Tensor[] Turned(Tensor[] heads, int count, Tensor? positions) => _rotary is null
        ? heads
        : [.. heads.Take(count).Select(head => _rotary.Turn(head, positions)), .. heads.Skip(count)];

    private static Tensor Attend(Tensor[] heads) =>
        nn.functional.scaled_dot_product_attention(heads[0], heads[1], heads[2]).transpose(1, 2).flatten(2);

    private Tensor Finish(Tensor stream, Tensor attended)
    {
        var middle = stream + _out.Apply(attended);
        var normed = _block.Norm2.call(middle);
        if (_mixture is null)
            return middle + _fc2!.Apply(_gate is null
                ? _activation.Apply(_fc1!.Apply(normed))
                : _activation.Apply(_gate.Apply(normed)) * _fc1!.Apply(normed));
        var fed = _mixture.Forward(
            normed,
            (_block.Fc1.Weight, _block.Fc1.Bias),
            (_block.Fc2.Weight, _block.Fc2.Bias),
            input => _config.Activation.Apply(input)
        );
        return middle + (_block.Scale2 is null ? fed : fed * _block.Scale2);
    }
}
