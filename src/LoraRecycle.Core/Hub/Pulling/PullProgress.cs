namespace LoraRecycle.Core.Hub.Pulling;

/// <summary>How far a pull is.</summary>
/// <param name="Done">Bytes that are here.</param>
/// <param name="Total">Bytes of all files.</param>
public readonly record struct PullProgress(long Done, long Total);

/// <summary>Adds up what is here of files that are fetched at the same time.</summary>
/// <param name="had">What is here of each at the start.</param>
/// <param name="total">Bytes of all.</param>
/// <param name="progress">Hears of the sum, one report at a time.</param>
internal sealed class PullCount(long[] had, long total, IProgress<PullProgress> progress)
{
    private readonly Lock _one = new();

    public void Begin() => progress.Report(new(had.Sum(), total));

    /// <param name="file">Which of the files.</param>
    /// <param name="bytes">How much of it is here now.</param>
    public void Set(int file, long bytes)
    {
        lock (_one)
        {
            had[file] = bytes;
            progress.Report(new(had.Sum(), total));
        }
    }
}
