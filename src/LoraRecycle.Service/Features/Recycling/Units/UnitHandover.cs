namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>
/// Gives a start of a unit what the one before it left: checkpoints and finished pools, as copies, since whoever was taken
/// for dead may still be writing the originals.
/// </summary>
internal static class UnitHandover
{
    private const string Unfinished = ".tmp", Replaced = ".old";

    /// <param name="from">The folders of earlier starts, the latest first.</param>
    /// <param name="folder">That of this start, which is made.</param>
    public static void Run(IReadOnlyList<string> from, string folder)
    {
        Directory.CreateDirectory(folder);
        if (from.FirstOrDefault(path => Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()) is { } last)
            Copy(last, folder);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var path in Directory.EnumerateFileSystemEntries(from))
        {
            if (Path.GetExtension(path) is Unfinished or Replaced)
                continue;
            var target = Path.Combine(to, Path.GetFileName(path));
            if (Directory.Exists(path))
                Copy(path, target);
            else
                CopyFile(path, target);
        }
    }

    private static void CopyFile(string from, string to)
    {
        try
        {
            // Each file gets its name when it is whole, so an open one stays whole while another takes its name.
            File.Copy(from, to);
        }
        catch (FileNotFoundException)
        {
            // Its owner has finished with it, so what follows from it is there, or is made again.
        }
    }
}
