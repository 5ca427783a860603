namespace LoraRecycle.Core.Adapters.Storage.Peft;

/// <summary>The rank and the factor alpha / rank of each layer, with the patterns that make exceptions.</summary>
internal sealed class PeftRank(AdapterConfig config)
{
    private readonly double _rank = config.Number("r");
    private readonly double _alpha = config.Number("alpha");
    private readonly PeftPattern _ranks = new(config, "rank_pattern");
    private readonly PeftPattern _alphas = new(config, "alpha_pattern");

    /// <exception cref="AdapterException">It is not a positive whole number.</exception>
    public long Of(AdaptableLayer layer)
    {
        var value = _ranks.For(layer.SourceName) ?? _rank;
        return value is >= 1 and <= int.MaxValue && value == Math.Floor(value)
            ? (long)value
            : throw new AdapterException(
                $"{AdapterConfig.FileName} gives layer {layer.SourceName} the rank {value}; expected a whole number from 1."
            );
    }

    public double ScaleOf(AdaptableLayer layer) => (_alphas.For(layer.SourceName) ?? _alpha) / Of(layer);
}
