using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;

namespace LoraRecycle.Core.Adapters.Families.Lycoris;

/// <summary>LoKr as PEFT writes it: each factor whole, or as two thin matrices where those are smaller.</summary>
public sealed class LokrFamily() : PeftFamily("lokr", "LOKR")
{
    internal override IReadOnlyCollection<string> Settings =>
    [
        "r", "alpha", "rank_pattern", "alpha_pattern", "rank_dropout", "rank_dropout_scale", "module_dropout", "use_effective_conv2d",
        "decompose_both", "decompose_factor",
    ];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var ranks = new PeftRank(files.Config!);
        var factor = files.Config!.Whole("decompose_factor", -1, int.MaxValue);
        return entry =>
        {
            var (layer, rank) = (entry.Layer, ranks.Of(entry.Layer));
            var (rows, columns) = (Split(layer.OutFeatures, factor), Split(layer.InFeatures, factor));
            return new LokrLayer(
                layer.Name,
                Take(files, entry, "lokr_w1", rows.First, columns.First, rank),
                Take(files, entry, "lokr_w2", rows.Second, columns.Second, rank),
                ranks.ScaleOf(layer));
        };
    }

    /// <summary>
    /// A width as a product of two: the factor asked for and the rest where it divides the width, else the divisors
    /// nearest to each other of which the first is no larger than that factor; -1 asks for the nearest of all.
    /// </summary>
    internal static (long First, long Second) Split(long width, long factor)
    {
        if (factor > 0 && width % factor == 0)
            return (factor, width / factor);
        var first = Math.Max(1, Math.Min(factor < 0 ? width : factor, (long)Math.Sqrt(width)));
        while (width % first != 0)
            first--;
        return (first, width / first);
    }

    private static KroneckerFactor Take(AdapterFiles files, PeftTensors entry, string name, long rows, long columns, long rank) =>
        entry.Keys.TryGetValue(name, out var whole)
            ? new(files.Take(whole, rows, columns), null)
            : new(files.Take(entry[$"{name}_a"], rows, rank), files.Take(entry[$"{name}_b"], rank, columns));
}
