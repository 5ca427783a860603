using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Naming;
using LoraRecycle.Core.Adapters.Storage.Peft;
using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>LoRA as PEFT writes it, with rank and alpha patterns, rank stabilisation, DoRA, KaSA, blocks on the diagonal and trained
/// biases.</summary>
public sealed class LoraFamily() : PeftFamily("lora", "LORA")
{
    internal override IReadOnlyCollection<string> Settings => LoraConfig.Known;

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var config = new LoraConfig(files.Config!);
        return tensors =>
        {
            var layer = tensors.Layer;
            var (rank, scale) = (config.RankOf(layer), config.ScaleOf(layer));
            var blocks = config.Blocks?.Of(layer, rank) ?? (A: false, B: false);
            var a = Factor(tensors["lora_A"], blocks.A, rank, layer.InFeatures);
            var b = Factor(tensors["lora_B"], blocks.B, layer.OutFeatures, rank);

            // PEFT has no bias beside blocks of B, whatever the settings say.
            var shift = config.AddsBias && !blocks.B ? files.Take(tensors["lora_B.bias"], layer.OutFeatures) : null;
            LayerAdapter lora = config switch
            {
                { UsesKasa: true } => new KasaLayer(layer.Name, a, b, Diagonal(files, tensors, rank), scale),
                { UsesDora: true } => new DoraLayer(
                    layer.Name,
                    a,
                    b,
                    files.Take(tensors["lora_magnitude_vector"], layer.OutFeatures),
                    scale,
                    OwnBias(files, tensors)
                ),
                _ => new LoraLayer(layer.Name, a, b, scale, OwnBias(files, tensors)),
            };
            return shift is null ? lora : new AddedBias(layer.Name, lora, shift, scale);
        };

        torch.Tensor Factor(string key, bool inBlocks, long rows, long columns) =>
            inBlocks ? config.Blocks!.Take(files, key, rows, columns) : files.Take(key, rows, columns);
    }

    /// <summary>A plain LoRA has its layer's trained bias in itself, which spares a wrapper to all that work on its factors.</summary>
    private static torch.Tensor? OwnBias(AdapterFiles files, PeftTensors tensors) =>
        PeftBias.IsTrained(files.Config!) && tensors.Keys.TryGetValue(PeftBias.Parameter, out var key)
            ? files.Take(key, tensors.Layer.OutFeatures)
            : null;

    private static torch.Tensor Diagonal(AdapterFiles files, PeftTensors tensors, long rank)
    {
        var layer = tensors.Layer;
        if (LayerNames.IsFused(layer.Name))
            throw new AdapterException(
                $"{Quote(files.Path)} has KaSA for {layer.SourceName}, which is three layers in this model; KaSA removes a part of "
                    + "their joint weight, which cannot be split over the three."
            );
        var widest = Math.Min(layer.InFeatures, layer.OutFeatures);
        if (rank >= widest)
            throw new AdapterException(
                $"{AdapterConfig.FileName} gives layer {layer.SourceName} the rank {rank}; with KaSA, the rank must be below {widest}, "
                    + "the smaller of the layer's widths, so that some of its weight remains."
            );
        return files.Take(tensors["lora_diag"], rank);
    }
}
