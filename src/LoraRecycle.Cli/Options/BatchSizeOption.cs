using System.CommandLine;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.Method.Inversion;

namespace LoraRecycle.Cli.Options;

/// <summary>How many LoRAs are inverted in one batch.</summary>
internal sealed class BatchSizeOption : Option<int?>
{
    private BatchSizeOption() : base("--together")
    {
    }

    public static BatchSizeOption Create() => new()
    {
        Description = $"The most LoRAs in one batch. [default: as many as fit in the device's memory; {UnitSize.Fixed} on a CPU]",
    };

    /// <returns>The most LoRAs of so many classes; null where it is not said.</returns>
    /// <exception cref="UsageException">It is less than one.</exception>
    public Func<int, int>? Most(ParseResult parsed) => parsed.GetValue(this) switch
    {
        null => null,
        < 1 => throw new UsageException("--together: expected 1 or more."),
        { } loras => _ => loras,
    };
}
