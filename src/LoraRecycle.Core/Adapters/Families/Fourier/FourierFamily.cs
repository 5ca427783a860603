using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Fourier;

/// <summary>FourierFT as PEFT writes it. The places of the entries are not in the file: they are drawn from the seed in the settings, as
/// PEFT draws them.</summary>
public sealed class FourierFamily() : PeftFamily("fourierft", "FOURIERFT")
{
    internal override IReadOnlyCollection<string> Settings => ["n_frequency", "n_frequency_pattern", "random_loc_seed", "scaling"];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var config = files.Config!;
        var (count, scale) = (config.Number("n_frequency"), config.Number("scaling"));
        var pattern = new PeftPattern(config, "n_frequency_pattern");
        var seed = config.Whole("random_loc_seed", 0, 1L << 53);
        return entry =>
        {
            var layer = entry.Layer;
            var size = layer.OutFeatures * layer.InFeatures;
            var entries = pattern.For(layer.SourceName) ?? count;
            if (!(entries >= 1 && entries <= size && entries == Math.Floor(entries)))
                throw new AdapterException(
                    $"{AdapterConfig.FileName} gives layer {layer.SourceName} n_frequency {entries}; expected a whole number from "
                        + $"1 to {size}."
                );
            var spectrum = files.Take(entry["fourierft_spectrum"], (long)entries);
            using var generator = new Generator((ulong)seed);
            using var order = randperm(size, generator: generator);
            return new FourierLayer(layer, spectrum, order.narrow(0, 0, (long)entries).clone().to(files.Device), scale);
        };
    }
}
