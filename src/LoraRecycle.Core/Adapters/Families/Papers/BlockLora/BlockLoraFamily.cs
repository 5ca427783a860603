using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families.Papers.BlockLora;

/// <summary>Block-LoRA in a layout of this project, as none was published: <c>lora_A</c>, shared by all blocks, and <c>lora_B</c>, the
/// blocks side by side.</summary>
public sealed class BlockLoraFamily() : PaperFamily("block-lora")
{
    private const string Blocks = "blocks";

    internal override IReadOnlyCollection<string> OwnSettings => [Blocks];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var (rank, scale) = (Rank(files.Config!), Scale(files.Config!));
        var blocks = files.Config!.Whole(Blocks, 1, rank);
        if (rank % blocks != 0)
            throw new AdapterException(
                $"{Quote(files.Path)}: {AdapterConfig.FileName} has {Blocks} = {blocks}, which does not divide r = {rank}."
            );
        return entry => new BlockLoraLayer(
            entry.Layer.Name,
            files.Take(entry["lora_A"], rank / blocks, entry.Layer.InFeatures),
            files.Take(entry["lora_B"], entry.Layer.OutFeatures, rank),
            scale);
    }
}
