using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.VbLora;

/// <summary>VB-LoRA as PEFT writes it, with all logits or only the highest of them (<c>save_only_topk_weights</c>).</summary>
public sealed class VbLoraFamily() : PeftFamily("vblora", "VBLORA")
{
    private const string Bank = "base_model.vblora_vector_bank";

    // Far below the logit of any vector that has weight.
    private const double NoWeight = -1e4;
    private const double LeastWeight = 1e-30;

    internal override IReadOnlyCollection<string> Settings =>
        [
            "r",
            "topk",
            "num_vectors",
            "vector_length",
            "save_only_topk_weights",
            "vblora_dropout",
            "init_logits_std",
            "init_vector_bank_bound",
        ];

    internal override IReadOnlyCollection<string> Shared => [Bank];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var config = files.Config!;
        var vectors = config.Whole("num_vectors", 1, int.MaxValue);
        var length = config.Whole("vector_length", 1, int.MaxValue);
        var top = (int)config.Whole("topk", 1, vectors);
        // A rank beyond the width says nothing more, and would cost far more than the logits that ask for it.
        var rank = config.Whole("r", 1, adapted.Min(entry => Math.Min(entry.Layer.InFeatures, entry.Layer.OutFeatures)));
        var onlyHighest = config.Flag("save_only_topk_weights");
        var bank = files.Take(Bank, vectors, length);
        return entry => new VbLoraLayer(
            entry.Layer.Name,
            Logits(entry, "vblora_logits_A", rank, Pieces(entry.Layer, entry.Layer.InFeatures)),
            Logits(entry, "vblora_logits_B", Pieces(entry.Layer, entry.Layer.OutFeatures), rank),
            bank.alias(), top);

        long Pieces(AdaptableLayer layer, long width) =>
            width % length == 0
                ? width / length
                : throw new AdapterException(
                    $"{AdapterConfig.FileName} has vector_length = {length}, which does not divide the width {width} of layer "
                        + $"{layer.SourceName}."
                );

        Tensor Logits(PeftTensors entry, string name, long rows, long columns)
        {
            if (!onlyHighest)
                return files.Take(entry[name], rows, columns, vectors);

            // Softmax's own weights; the last of each, which makes up the sum of one, is left out of the file.
            var which = files.TakeIndices(entry[$"{name}_topk_indices"], vectors, rows, columns, top);
            var weights = files.Take(entry[$"{name}_topk_weights"], rows, columns, top - 1);
            var all = cat([weights, weights.sum(-1, keepdim: true).neg().add(1)], -1).clamp(LeastWeight, 1);
            return full([rows, columns, vectors], NoWeight, device: all.device).scatter(-1, which, all.log());
        }
    }
}
