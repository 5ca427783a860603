namespace LoraRecycle.Core.Foundation.Files;

/// <summary>A directory that is there as a whole or not at all, whenever the process is killed.</summary>
internal static class WholeDirectory
{
    /// <summary>Refuses, before any work, what is not to be replaced.</summary>
    /// <param name="directory">Where to write.</param>
    /// <param name="mark">The file that a directory of this format holds; any other directory stays as it is, unless it is empty.</param>
    /// <param name="what">What it is to hold, for the message.</param>
    /// <exception cref="IOException">A file is there, or a directory that holds something else.</exception>
    public static void RequireReplaceable(string directory, string mark, string what)
    {
        if (File.Exists(directory))
            throw new IOException($"{directory} is a file; expected a directory for {what}. Choose another name.");
        if (
            Directory.Exists(directory)
            && !File.Exists(Path.Combine(directory, mark))
            && Directory.EnumerateFileSystemEntries(directory).Any()
        )
            throw new IOException($"{directory} exists but contains no {what}; choose another directory.");
    }

    /// <summary>Writes a directory under a temporary name and gives it its own when it is complete.</summary>
    /// <param name="directory">Made with its parents; one that is there is replaced.</param>
    /// <param name="mark">As in <see cref="RequireReplaceable"/>.</param>
    /// <param name="what">As in <see cref="RequireReplaceable"/>.</param>
    /// <param name="fill">Writes the files, given the temporary name.</param>
    /// <exception cref="IOException">The directory cannot be written; what was there stays.</exception>
    public static void Write(string directory, string mark, string what, Action<string> fill)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        // A link stays, and what it leads to is replaced: it was put there to have the files on another disk.
        target = Links.Followed(target);
        var parent = Path.GetDirectoryName(target)!;
        Leftovers.Sweep(parent, Path.GetFileName(target));
        RequireReplaceable(target, mark, what);
        var (temporary, replaced) = (Leftovers.Temporary(target), Leftovers.Replaced(target));
        try
        {
            Directory.CreateDirectory(temporary);
            fill(temporary);
            if (Directory.Exists(target)) Directory.Move(target, replaced);
            Directory.Move(temporary, target);
        }
        catch
        {
            if (Directory.Exists(replaced) && !Directory.Exists(target)) Directory.Move(replaced, target);
            throw;
        }
        finally
        {
            foreach (var left in new[] { temporary, replaced })
                if (Directory.Exists(left)) Directory.Delete(left, recursive: true);
        }
    }
}
