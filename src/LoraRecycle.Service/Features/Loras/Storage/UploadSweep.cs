namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>
/// Removes what uploads and deletions of a process that was killed left behind. Each folder on its way in or out has a file
/// beside it that its process keeps locked, so that one process never sweeps what another is writing.
/// </summary>
internal static class UploadSweep
{
    private const string Suffix = ".lock";

    /// <summary>Marks a folder as somebody's, until the stream is disposed of.</summary>
    public static FileStream Claim(string directory) =>
        new(directory + Suffix, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);

    /// <param name="folder">The folder of uploads; nothing happens where there is none.</param>
    public static void Run(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (
            var path in Directory
                .EnumerateFileSystemEntries(folder)
                .Where(path => !path.EndsWith(Suffix, StringComparison.Ordinal))
                .ToArray()
        )
        {
            using var claim = TryClaim(Path.ChangeExtension(path, null));
            if (claim is null)
                continue;
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            else
                File.Delete(path);
        }
        // Those whose folder was already gone.
        foreach (var path in Directory.EnumerateFiles(folder, $"*{Suffix}").ToArray())
            TryClaim(path[..^Suffix.Length])?.Dispose();
    }

    private static FileStream? TryClaim(string directory)
    {
        try
        {
            return new FileStream(
                directory + Suffix,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose
            );
        }
        catch (IOException)
        {
            return null; // its process is alive
        }
    }
}
