namespace LoraRecycle.Core.Hub.Pulling;

/// <summary>
/// Held while a blob is written, so that several who fetch the same thing fetch it once. It is the lock that Hugging Face's tools take
/// (an exclusive flock of the same file), and the system lets it go when a process dies.
/// </summary>
internal static class BlobLock
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for the lock.</summary>
    /// <returns>What to dispose to let it go.</returns>
    public static async Task<IDisposable> TakeAsync(string path, TimeProvider clock, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException taken) when (IsTaken(taken))
            {
                await Task.Delay(Between, clock, cancellation);
            }
        }
    }

    /// <summary>EWOULDBLOCK of Linux and of macOS, and Windows' sharing violation.</summary>
    private static bool IsTaken(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);
}
