using LoraRecycle.Core.Safetensors;

namespace LoraRecycle.Core.Inversion;

/// <summary>How far the pools of many LoRAs are.</summary>
/// <param name="Done">LoRAs that are finished, failed ones included.</param>
/// <param name="Total">LoRAs in all.</param>
/// <param name="Names">Those being inverted now.</param>
/// <param name="Batch">How far they are.</param>
public sealed record PoolProgress(int Done, int Total, IReadOnlyList<string> Names, InversionProgress Batch);

/// <summary>What became of one LoRA.</summary>
/// <param name="Name">The LoRA's.</param>
/// <param name="Directory">Its pool; null where the inversion failed.</param>
/// <param name="BestLoss">The loss of the images that were kept.</param>
/// <param name="Seconds">This LoRA's share of the time.</param>
/// <param name="Failure">Null where it did not.</param>
public sealed record PoolResult(string Name, string? Directory, float? BestLoss, double? Seconds, string? Failure);

/// <summary>
/// Makes a folder of pools out of LoRAs, some at a time in one batch. A LoRA that is done stays done: the next run skips
/// it, and takes up what was not finished from its last checkpoint.
/// </summary>
/// <param name="inverter">Not owned.</param>
/// <param name="settings">The inverter's.</param>
/// <param name="root">Where the pools go, each under its LoRA's name.</param>
/// <param name="sheetMask">The share of patches that a pool's contact sheet masks.</param>
public sealed class PoolBuilder(LoraInverter inverter, InversionSettings settings, string root, double sheetMask = 0.5)
{
    public const string SheetName = "sheet.png";

    /// <param name="sources">LoRAs with different names.</param>
    /// <param name="together">How many to invert in one batch at most; those of as many classes share one.</param>
    /// <param name="progress">Told as the inverter tells.</param>
    /// <param name="cancellation">Ends the work after a last checkpoint.</param>
    /// <returns>One result a source.</returns>
    /// <exception cref="InversionException">A name is no folder's name, or is there twice; or a source cannot be inverted.</exception>
    /// <exception cref="IOException">The disk is full; pools that are finished stay.</exception>
    public IReadOnlyList<PoolResult> Build(
        IReadOnlyList<InversionSource> sources, int together, IProgress<PoolProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfLessThan(together, 1);
        RequireNames(sources);
        Directory.CreateDirectory(root);

        // Batches are made before finished LoRAs are skipped, so that a resumed batch is the one that was broken off.
        var results = new List<PoolResult>();
        foreach (var batch in sources.GroupBy(source => source.Classes.Count).SelectMany(group => group.Chunk(together)))
        {
            var finished = batch.Select(Finished).ToArray();
            results.AddRange(finished.All(result => result is not null)
                ? finished.Select(result => result!)
                : Invert(batch, new Relay(progress, results.Count, sources.Count, [.. batch.Select(source => source.Name)]), cancellation));
        }
        return results;
    }

    private List<PoolResult> Invert(InversionSource[] batch, Relay progress, CancellationToken cancellation)
    {
        var checkpoint = Path.Combine(root, $"{batch[0].Name}.checkpoint");
        var results = new List<PoolResult>();
        foreach (var outcome in inverter.Invert(batch, checkpoint, progress, cancellation))
        {
            using var pool = outcome.Pool;
            if (pool is null)
            {
                results.Add(new PoolResult(outcome.Name, null, null, null, outcome.Failure));
                continue;
            }
            var directory = Path.Combine(root, outcome.Name);
            SyntheticPoolDirectory.Write(pool, directory);
            ContactSheet.Write(Path.Combine(directory, SheetName), pool, sheetMask);
            results.Add(new PoolResult(outcome.Name, directory, pool.Info.BestLoss, pool.Info.Seconds, null));
        }
        File.Delete(checkpoint);
        return results;
    }

    /// <summary>The pool of a LoRA, if it is there and was made of these very weights with these very settings.</summary>
    private PoolResult? Finished(InversionSource source)
    {
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
                throw new InversionException($"Two LoRAs are called {SafetensorsException.Quote(source.Name)}; their pools would be one folder. Rename one.");
        }
    }

    private sealed class Relay(IProgress<PoolProgress>? progress, int done, int total, IReadOnlyList<string> names) : IProgress<InversionProgress>
    {
        public void Report(InversionProgress value) => progress?.Report(new PoolProgress(done, total, names, value));
    }
}
