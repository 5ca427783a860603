using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families.Orthogonal;

/// <summary>
/// BOFT as PEFT writes it. The number of stages is that of the tensor: where PEFT finds no CUDA kernel it trains one stage,
/// whatever the settings say.
/// </summary>
public sealed class BoftFamily() : PeftFamily("boft", "BOFT")
{
    private const int MostStages = 16;

    internal override IReadOnlyCollection<string> Settings =>
        ["boft_block_size", "boft_block_num", "boft_n_butterfly_factor", "boft_dropout"];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var config = files.Config!;
        var (size, blocks) = (config.Whole("boft_block_size", 0, int.MaxValue), config.Whole("boft_block_num", 0, int.MaxValue));
        if (blocks == 0 == (size == 0))
            throw new AdapterException(
                $"{AdapterConfig.FileName} has boft_block_num = {blocks} and boft_block_size = {size}; expected a value for one of them "
                    + "and 0 for the other."
            );
        var announced = config.Whole("boft_n_butterfly_factor", 1, MostStages);
        return entry =>
        {
            var (layer, key) = (entry.Layer, entry["boft_R"]);
            if (layer.InFeatures % Math.Max(size, blocks) != 0)
                throw new AdapterException(
                    $"{AdapterConfig.FileName} asks for blocks that do not divide the width {layer.InFeatures} of layer {layer.SourceName}."
                );
            var (own, count) = size > 0 ? (size, layer.InFeatures / size) : (layer.InFeatures / blocks, blocks);
            var stages = files.Tensors[key].Shape is [1, ..] ? 1 : announced;
            if (stages > 1 && (own % 2 != 0 || count % (1L << (int)(stages - 1)) != 0))
                throw new AdapterException(
                    $"tensor {Quote(key)} of {Quote(files.Path)} has {stages} stages, for which {count} blocks of {own} in layer "
                        + $"{layer.SourceName} are not enough."
                );
            return new BoftLayer(
                layer.Name, files.Take(key, stages, count, own, own), files.Take(entry["boft_s"], layer.OutFeatures, 1).flatten());
        };
    }
}
