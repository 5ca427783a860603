using System.Collections.Concurrent;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Core.Safetensors;

namespace LoraRecycle.Core.Method.Inversion.Building;

/// <summary>
/// Makes a folder of pools out of LoRAs, some at a time in one batch, on as many devices as there are inverters. A LoRA
/// that is done stays done: the next run skips it, and takes up what was not finished from its last checkpoint.
/// </summary>
/// <param name="inverters">At least one, of the same model and settings, each for a thread of its own; not owned.</param>
/// <param name="settings">The inverters'.</param>
/// <param name="root">The folder, in which each LoRA gets one of its name.</param>
/// <param name="sheetMask">The share of patches that a pool's contact sheet masks.</param>
public sealed class PoolBuilder(IReadOnlyList<LoraInverter> inverters, InversionSettings settings, string root, double sheetMask = 0.5)
{
    public const string SheetName = "sheet.png";

    private readonly FailureNotes _failures = new(root);

    /// <param name="sources">LoRAs with different names.</param>
    /// <param name="batchSize">The most LoRAs of so many classes to invert in one batch. Where memory does not last, a batch is
    /// halved.</param>
    /// <param name="progress">Told as the inverters tell, from one thread at a time.</param>
    /// <param name="cancellation">Ends the work after a last checkpoint.</param>
    /// <returns>One result a source, in their order, whichever device made it.</returns>
    /// <exception cref="InversionException">A name is no folder's name, or is there twice; or a source cannot be inverted.</exception>
    /// <exception cref="IOException">The disk is full; pools that are finished stay.</exception>
    public IReadOnlyList<PoolResult> Build(
        IReadOnlyList<InversionSource> sources,
        Func<int, int> batchSize,
        IProgress<PoolProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(batchSize);
        RequireNames(sources);
        foreach (var source in sources) source.Validated(inverters[0].Model.Config);
        Directory.CreateDirectory(root);
        Leftovers.Sweep(root);

        var units = new ConcurrentQueue<InversionSource[]>(InversionPlan.Cut(sources, batchSize, inverters.Count));
        var results = new ConcurrentDictionary<string, PoolResult>();
        var meter = new PoolMeter(sources.Count, settings.Iterations, progress);
        DeviceThreads.Run(inverters, Work, cancellation);
        foreach (var source in sources) File.Delete(CheckpointOf(source));
        return [.. sources.Select(source => results[source.Name])];

        void Work(LoraInverter inverter, CancellationToken stop)
        {
            while (units.TryDequeue(out var unit))
                foreach (var result in Make(unit, inverter, meter, stop)) results[result.Name] = result;
        }
    }

    private PoolResult[] Make(InversionSource[] unit, LoraInverter inverter, PoolMeter meter, CancellationToken cancellation)
    {
        // A unit of which anything is missing is inverted as a whole, from its checkpoint: each of its pools is as it would have been.
        PoolResult?[] finished = [.. unit.Select(Finished)];
        if (finished.All(result => result is not null))
        {
            meter.Finish(unit.Length);
            return finished!;
        }
        try
        {
            return Invert(unit, inverter, meter, cancellation);
        }
        catch (Exception exception) when (DeviceMemory.IsExhausted(exception) && unit.Length > 1)
        {
            var half = (unit.Length + 1) / 2;
            return [.. Make(unit[..half], inverter, meter, cancellation), .. Make(unit[half..], inverter, meter, cancellation)];
        }
    }

    private PoolResult[] Invert(InversionSource[] unit, LoraInverter inverter, PoolMeter meter, CancellationToken cancellation)
    {
        // What is no plain LoRA has to be on the inverter's own device.
        var here = unit is [{ IsPlain: false, Path: { } path } alone]
            ? alone with
            {
                Adapter = InversionSource.Read(path, inverter.Model.AdaptableLayers, inverter.Model.Embeddings.Weight.device).Adapter,
            }
            : null;
        using var owned = here?.Adapter;
        using var progress = meter.Begin([.. unit.Select(source => source.Name)]);
        var outcomes = inverter.Invert(here is null ? unit : [here], CheckpointOf(unit[0]), progress, cancellation);
        PoolResult[] results = [.. unit.Zip(outcomes, Keep)];
        meter.Finish(unit.Length);
        File.Delete(CheckpointOf(unit[0]));
        return results;
    }

    private PoolResult Keep(InversionSource source, InversionOutcome outcome)
    {
        using var pool = outcome.Pool;
        if (pool is null)
        {
            _failures.Write(source, settings, outcome.Failure!);
            return new PoolResult(source.Name, null, null, null, outcome.Failure);
        }
        var directory = Path.Combine(root, source.Name);
        SyntheticPoolDirectory.Write(pool, directory, unnamed => ContactSheet.Write(Path.Combine(unnamed, SheetName), pool, sheetMask));
        _failures.Remove(source);
        return new PoolResult(source.Name, directory, pool.Info.BestLoss, pool.Info.Seconds, null);
    }

    private string CheckpointOf(InversionSource source) => Path.Combine(root, $"{source.Name}.checkpoint");

    /// <summary>What became of a LoRA, if that is known of these very weights with these very settings.</summary>
    private PoolResult? Finished(InversionSource source)
    {
        if (_failures.Find(source, settings) is { } reason) return new PoolResult(source.Name, null, null, null, reason);
        var directory = Path.Combine(root, source.Name);
        if (!SyntheticPoolDirectory.IsPool(directory)) return null;
        try
        {
            using var pool = SyntheticPoolDirectory.Read(directory);
            return pool.Info.LoraRevision == source.Adapter.Revision && pool.Info.Settings.MakesTheSameAs(settings)
                ? new PoolResult(source.Name, directory, pool.Info.BestLoss, pool.Info.Seconds, null)
                : null;
        }
        catch (InversionException)
        {
            return null; // damaged: made again
        }
    }

    private static void RequireNames(IReadOnlyList<InversionSource> sources)
    {
        if (sources.Count == 0) throw new InversionException("Expected at least one LoRA to invert, got none.");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var source in sources)
        {
            if (source.Name is "" or "." or ".." || source.Name.AsSpan().IndexOfAny('/', '\\', '\0') >= 0)
                throw new InversionException($"Expected names of folders, got {SafetensorsException.Quote(source.Name)}.");
            if (!names.Add(source.Name))
                throw new InversionException(
                    $"Two LoRAs are called {SafetensorsException.Quote(source.Name)}; their pools would share a folder. Rename one."
                );
        }
    }
}
