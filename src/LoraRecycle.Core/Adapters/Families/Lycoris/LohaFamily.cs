using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;

namespace LoraRecycle.Core.Adapters.Families.Lycoris;

/// <summary>LoHa as PEFT writes it.</summary>
public sealed class LohaFamily() : PeftFamily("loha", "LOHA")
{
    // use_effective_conv2d says nothing of linear layers.
    internal override IReadOnlyCollection<string> Settings =>
        ["r", "alpha", "rank_pattern", "alpha_pattern", "rank_dropout", "module_dropout", "use_effective_conv2d"];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var ranks = new PeftRank(files.Config!);
        return entry =>
        {
            var (layer, rank) = (entry.Layer, ranks.Of(entry.Layer));
            return new LohaLayer(
                layer.Name,
                files.Take(entry["hada_w1_a"], layer.OutFeatures, rank), files.Take(entry["hada_w1_b"], rank, layer.InFeatures),
                files.Take(entry["hada_w2_a"], layer.OutFeatures, rank), files.Take(entry["hada_w2_b"], rank, layer.InFeatures),
                ranks.ScaleOf(layer));
        };
    }
}
