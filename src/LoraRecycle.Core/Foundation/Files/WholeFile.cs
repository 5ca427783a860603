namespace LoraRecycle.Core.Foundation.Files;

/// <summary>A file that is there as a whole or not at all, whenever the process is killed.</summary>
internal static class WholeFile
{
    /// <param name="path">Where to; one that is there is replaced. A link stays, and what it leads to is replaced; a device or a pipe is
    /// written into.</param>
    /// <param name="fill">Writes its bytes.</param>
    /// <exception cref="IOException">The folder cannot be written; what was there stays.</exception>
    public static void Write(string path, Action<Stream> fill)
    {
        path = Links.Followed(path);
        if (SpecialFile.IsAt(path))
        {
            // Renamed over, /dev/null would be an ordinary file from then on, for every program.
            using var device = new FileStream(path, FileMode.Open, FileAccess.Write);
            fill(device);
            return;
        }
        var temporary = Leftovers.Temporary(path);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                fill(stream);
                // To the disk before the rename, or a power cut could leave the name pointing at nothing.
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary); // does nothing once the file has its name
        }
    }
}
