using LoraRecycle.Core.Hub.Protocol;

namespace LoraRecycle.Core.Hub.Pulling;

/// <summary>A file of a snapshot: a relative link to its blob, so that the cache can be moved; or, where there are no links, the file
/// itself.</summary>
internal static class SnapshotLink
{
    private const string Copying = ".incomplete";

    public static string PathOf(HubCache cache, RemoteFile file) =>
        Path.Combine(cache.SnapshotOf(file.Repository, file.Commit), file.Path);

    /// <param name="path">The snapshot's file; what is there is replaced.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="isNew">Whether the blob is nobody's yet: without links it then moves, and is not copied.</param>
    /// <param name="links">Whether to try a link at all.</param>
    public static void Make(string path, string blob, bool isNew, bool links)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        File.Delete(path); // of a link that leads nowhere, the link
        if (links && TryLink(path, Path.GetRelativePath(folder, blob))) return;
        if (isNew)
        {
            File.Move(blob, path);
            return;
        }
        File.Copy(blob, path + Copying, overwrite: true);
        File.Move(path + Copying, path);
    }

    private static bool TryLink(string path, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
            return true;
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // FAT has none, and on Windows not everybody may make one; what else is wrong, the copy says.
            return false;
        }
    }
}
