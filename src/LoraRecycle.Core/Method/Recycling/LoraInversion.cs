using System.Diagnostics;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Building;
using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Recycling;

/// <summary>The first stage: LoRAs into pools of synthetic images on disk.</summary>
/// <param name="model">The model that the LoRAs were tuned on: a Hugging Face directory.</param>
/// <param name="prior">The network of R_BN; null for none.</param>
/// <param name="devices">At least one; batches of LoRAs are spread over them.</param>
/// <param name="precision">In what the frozen model computes.</param>
/// <param name="settings">How to invert.</param>
public sealed class LoraInversion(
    string model,
    string? prior,
    IReadOnlyList<Device> devices,
    ScalarType precision,
    InversionSettings settings
)
{
    /// <summary>The most LoRAs of so many classes in one batch; null for what memory holds.</summary>
    public Func<int, int>? BatchSize { get; init; }

    /// <summary>The share of patches that the pools' contact sheets mask.</summary>
    public double SheetMask { get; init; } = 0.5;

    /// <inheritdoc cref="LoraInverter.Pace"/>
    public Action<CancellationToken>? Pace { get; init; }

    /// <param name="read">Reads the LoRAs one after another, given the model and its name. They are closed at the end.</param>
    /// <param name="pools">The folder of pools, in which each LoRA gets one of its name.</param>
    /// <param name="progress">Told as the inverters tell, from one thread at a time.</param>
    /// <param name="cancellation">Ends the work after a last checkpoint.</param>
    /// <exception cref="InversionException">A LoRA cannot be inverted. Those that diverge are left out.</exception>
    /// <exception cref="IOException">The disk is full; pools that are finished stay.</exception>
    public InvertedLoras Run(
        Func<VisionTransformer, string, IEnumerable<InversionSource>> read,
        string pools,
        IProgress<PoolProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(read);
        var started = Stopwatch.GetTimestamp();
        using var inverters = new DeviceInverters(model, prior, devices, precision, settings, Pace);
        var sources = new List<InversionSource>();
        try
        {
            foreach (var source in read(inverters.Model, inverters.ModelId)) sources.Add(source);
            var batch = BatchSize ?? UnitSize.For(devices, inverters.Model.Config, settings);
            var made = new PoolBuilder(inverters.All, settings, pools, SheetMask).Build(sources, batch, progress, cancellation);
            return new InvertedLoras(
                inverters.ModelId,
                made,
                [.. sources.Zip(made, (lora, pool) => new RecycledLora(
                    lora.Name, lora.Adapter.Revision, lora.Classes, pool.BestLoss, pool.Failure))],
                [.. sources.Zip(made).Where(pair => pair.Second.Directory is not null)
                    .Select(pair => new PooledLora(pair.First.Path!, pair.Second.Directory!))],
                new InversionStage(
                    settings,
                    sources.Max(source => batch(source.Classes.Count)),
                    Stopwatch.GetElapsedTime(started).TotalSeconds,
                    made.Sum(pool => pool.Seconds ?? 0)
                )
            );
        }
        finally
        {
            foreach (var source in sources) source.Adapter.Dispose();
        }
    }
}

/// <summary>What the first stage leaves to the second.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="Pools">What became of each LoRA, in the order in which they were read.</param>
/// <param name="Loras">The same for the record of the whole.</param>
/// <param name="Kept">Those whose inversion did not diverge.</param>
/// <param name="Stage">How it went.</param>
public sealed record InvertedLoras(
    string Model, IReadOnlyList<PoolResult> Pools, IReadOnlyList<RecycledLora> Loras, IReadOnlyList<PooledLora> Kept, InversionStage Stage)
{
    /// <exception cref="InversionException">Every LoRA diverged.</exception>
    public void RequireAny()
    {
        if (Kept.Count == 0) throw new InversionException($"No LoRA could be inverted. {Pools[0].Name}: {Pools[0].Failure}");
    }
}
