using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families.Orthogonal;

/// <summary>OFT as PEFT has written it since 0.18: with shared blocks, constrained, and with Cayley's transform exact or as a
/// series.</summary>
public sealed class OftFamily() : PeftFamily("oft", "OFT")
{
    private const long MostTerms = 64;

    // Earlier ones sum the series in another way.
    private static readonly Version FirstOfThisSeries = new(0, 18);

    internal override IReadOnlyCollection<string> Settings =>
        ["r", "oft_block_size", "block_share", "coft", "eps", "module_dropout", "use_cayley_neumann", "num_cayley_neumann_terms"];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var config = files.Config!;
        var (blocks, size) = (config.Whole("r", 0, int.MaxValue), config.Whole("oft_block_size", 0, int.MaxValue));
        if (blocks == 0 == (size == 0))
            throw new AdapterException(
                $"{AdapterConfig.FileName} has r = {blocks} and oft_block_size = {size}; expected a value for one of them and 0 "
                    + "for the other."
            );
        var terms = config.Flag("use_cayley_neumann") ? Terms(config) : 0;
        double? eps = config.Flag("coft") ? config.Number("eps") : null;
        var shared = config.Flag("block_share");
        return entry =>
        {
            var width = entry.Layer.InFeatures;
            var block = blocks == 0 ? Fit(width, size) : width / Fit(width, blocks);
            var stored = shared ? 1 : width / block;
            return new OftLayer(
                entry.Layer.Name, files.Take(entry["oft_R"], stored, block * (block - 1) / 2),
                new OftRotation(block, terms, eps / Math.Sqrt(stored)));
        };
    }

    /// <summary>The divisor of a width nearest to a number, the lower of two that are as near.</summary>
    internal static long Fit(long width, long wanted)
    {
        if (wanted >= width)
            return width;
        for (var away = 0; ; away++)
        {
            if (wanted - away >= 1 && width % (wanted - away) == 0)
                return wanted - away;
            if (width % (wanted + away) == 0)
                return wanted + away;
        }
    }

    private static int Terms(AdapterConfig config)
    {
        var version = config.Text("peft_version");
        return
            Version.TryParse(version?.Split('@', '.') is [var major, var minor, ..] ? $"{major}.{minor}" : null, out var parsed)
            && parsed >= FirstOfThisSeries
            ? (int)config.Whole("num_cayley_neumann_terms", 1, MostTerms)
            : throw new AdapterException(
                $"{AdapterConfig.FileName} has use_cayley_neumann and peft_version = {Quote(version ?? "none")}; the series is "
                    + $"supported as of PEFT {FirstOfThisSeries}. Merge the adapter with the PEFT version that made it, or train the "
                    + "adapter again."
            );
    }
}
