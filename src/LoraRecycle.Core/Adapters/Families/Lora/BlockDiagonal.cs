using LoraRecycle.Core.Adapters.Storage;
using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>
/// Block-diagonal LoRA (<c>use_bdlora</c>): in some layers A, in others B has nothing outside of equal blocks on its
/// diagonal, which is how tensor-parallel servers split them. A file has the blocks alone, one below the other.
/// </summary>
internal sealed class BlockDiagonal
{
    public const string Setting = "use_bdlora";

    private const long MostBlocks = 4096;

    private readonly IReadOnlyList<string> _inA;
    private readonly IReadOnlyList<string> _inB;
    private readonly long _blocks;
    private readonly bool _strict;

    /// <exception cref="AdapterException">A setting makes no sense.</exception>
    public BlockDiagonal(AdapterConfig settings)
    {
        _inA = settings.Texts("target_modules_bd_a") ?? [];
        _inB = settings.Texts("target_modules_bd_b") ?? [];
        _blocks = settings.Whole("nblocks", 1, MostBlocks);
        _strict = !settings.Names.Contains("match_strict") || settings.Flag("match_strict");
    }

    /// <summary>Whether a layer's A, its B, or neither has blocks. PEFT looks for the names anywhere in the layer's path.</summary>
    /// <exception cref="AdapterException">The settings name the layer for both, or for neither where all have to have blocks; or a rank
    /// makes no sense.</exception>
    public (bool A, bool B) Of(AdaptableLayer layer, long rank)
    {
        // The whole matrix takes as many times the memory of the blocks in the file as there are blocks.
        if (rank > Math.Max(layer.InFeatures, layer.OutFeatures))
            throw new AdapterException(
                $"{AdapterConfig.FileName} gives layer {layer.SourceName} the rank {rank}; with {Setting}, the rank can be at most "
                    + $"{Math.Max(layer.InFeatures, layer.OutFeatures)}, the larger of the layer's widths."
            );
        var (a, b) = (_inA.Any(In), _inB.Any(In));
        if (a == b && (a || _strict))
            throw new AdapterException(
                $"{AdapterConfig.FileName} names layer {layer.SourceName} in {(a ? "both" : "neither")} of target_modules_bd_a and "
                    + $"target_modules_bd_b of {Setting}; expected one"
                + (a ? "." : ", or match_strict = false."));
        return (a, b);

        bool In(string name) => layer.SourceName.Contains(name, StringComparison.Ordinal);
    }

    /// <summary>A factor as the matrix that it stands for.</summary>
    /// <param name="files">Where it is.</param>
    /// <param name="key">The tensor of the blocks, <c>[rows, columns / blocks]</c>.</param>
    /// <param name="rows">Of the whole matrix.</param>
    /// <param name="columns">Of the whole matrix.</param>
    /// <exception cref="AdapterException">The tensor is damaged, or the matrix cannot be split so.</exception>
    public torch.Tensor Take(AdapterFiles files, string key, long rows, long columns)
    {
        if (rows % _blocks != 0 || columns % _blocks != 0)
            throw new AdapterException(
                $"{AdapterConfig.FileName} has nblocks = {_blocks} in {Setting}, which does not divide the {rows} rows and {columns} "
                    + $"columns that {Quote(key)} stands for."
            );
        using var scope = torch.NewDisposeScope();
        var (height, width) = (rows / _blocks, columns / _blocks);
        var blocks = files.Take(key, rows, width);
        var whole = torch.zeros([rows, columns], device: blocks.device);
        for (long i = 0; i < _blocks; i++)
            whole.narrow(0, i * height, height).narrow(1, i * width, width).copy_(blocks.narrow(0, i * height, height));
        return whole.MoveToOuterDisposeScope();
    }
}
