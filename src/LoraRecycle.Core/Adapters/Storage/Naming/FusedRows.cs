using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Storage.Naming;

/// <summary>
/// The share that one of several layers has in an adapter of all of them: queries, keys and values are one layer in some
/// models and three in others. In every family a row of the adapted weight depends on that row of the frozen one alone.
/// </summary>
internal sealed class FusedRows : LayerAdapter
{
    private readonly LayerAdapter _fused;
    private readonly long _start;
    private readonly long _rows;
    private readonly long _total;

    /// <param name="layer">The layer.</param>
    /// <param name="fused">The adapter of all.</param>
    /// <param name="start">The layer's first row among theirs.</param>
    /// <param name="total">How many rows they have.</param>
    /// <param name="owns">Whether the adapter of all, and its parameters, belong to this one.</param>
    private FusedRows(AdaptableLayer layer, LayerAdapter fused, long start, long total, bool owns)
        : base(layer.Name)
    {
        (_fused, _start, _rows, _total) = (fused, start, layer.OutFeatures, total);
        if (owns)
            register_module("fused", fused);
    }

    public override long? NominalRank => _fused.NominalRank;

    public override string? Variant => _fused.Variant;

    /// <summary>Gives each layer its own adapter: one of the same kind where the family has it, else its rows of all.</summary>
    /// <param name="fused">Taken over.</param>
    /// <param name="members">The layers in their order.</param>
    public static IReadOnlyDictionary<string, LayerAdapter> Split(LayerAdapter fused, IReadOnlyList<AdaptableLayer> members)
    {
        var total = members.Sum(layer => layer.OutFeatures);
        var split = new Dictionary<string, LayerAdapter>(StringComparer.Ordinal);
        long start = 0;
        foreach (var layer in members)
        {
            split.Add(layer.Name, fused.RowsFor(layer, start) ?? new FusedRows(layer, fused, start, total, owns: start == 0));
            start += layer.OutFeatures;
        }
        if (!split.Values.Any(part => part is FusedRows))
            fused.Dispose();
        return split;
    }

    protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias)
    {
        // The other rows only have to be there, and to be no reason for a division by zero.
        var (adapted, adaptedBias) = _fused.Adapted(Among(weight, [_total, weight.shape[1]]), bias is null ? null : Among(bias, [_total]));
        return (Mine(adapted), adaptedBias is null ? null : Mine(adaptedBias));
    }

    protected override Tensor WeightDelta(Tensor weight) => Mine(_fused.DeltaOf(Among(weight, [_total, weight.shape[1]])));

    private Tensor Mine(Tensor all) => all.narrow(0, _start, _rows);

    private Tensor Among(Tensor mine, long[] shape)
    {
        var (before, after) = ((long[])[_start, .. shape[1..]], (long[])[_total - _start - _rows, .. shape[1..]]);
        return cat([ones(before, mine.dtype, mine.device), mine, ones(after, mine.dtype, mine.device)]);
    }
}
