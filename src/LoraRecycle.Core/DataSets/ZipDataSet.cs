using System.IO.Compression;

namespace LoraRecycle.Core.DataSets;

/// <summary>
/// Class folders in a ZIP archive. Nothing is unpacked to disk; an entry is read when its image is asked for, and never
/// beyond <see cref="ImageDataSet.MaxImageBytes"/>, whatever its header says.
/// </summary>
internal sealed class ZipDataSet : ImageDataSet
{
    private const int MaxEntries = 1_000_000;

    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries;

    private ZipDataSet(string name, ZipArchive archive, DataSetFiles files, Dictionary<string, ZipArchiveEntry> entries)
        : base(name, files)
    {
        _archive = archive;
        _entries = entries;
    }

    public static new ZipDataSet Open(string path)
    {
        ZipArchive? archive = null;
        try
        {
            archive = ZipFile.OpenRead(path);
            var files = new DataSetFiles();
            return new ZipDataSet(Path.GetFileNameWithoutExtension(path), archive, files, ReadEntries(path, archive, files));
        }
        catch (InvalidDataException e)
        {
            archive?.Dispose();
            throw new DataSetException($"'{path}' is not a readable ZIP archive: {e.Message}", e);
        }
        catch
        {
            archive?.Dispose();
            throw;
        }
    }

    public override byte[] Read(string image)
    {
        var entry = _entries[image];
        try
        {
            using var stream = entry.Open();
            return ReadBounded(stream, image, entry.Length);
        }
        catch (InvalidDataException e)
        {
            throw new DataSetException($"Archive entry '{image}' is damaged: {e.Message}", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _archive.Dispose();
        base.Dispose(disposing);
    }

    /// <remarks>All names before any content: an archive with one that is wrong is refused as a whole.</remarks>
    private static Dictionary<string, ZipArchiveEntry> ReadEntries(string path, ZipArchive archive, DataSetFiles files)
    {
        if (archive.Entries.Count > MaxEntries)
            throw new DataSetException($"'{path}' has {archive.Entries.Count:N0} entries; at most {MaxEntries:N0} are read.");
        var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        foreach (var entry in archive.Entries)
            if (ZipEntryName.IsShown(entry.FullName) && !entries.TryAdd(entry.FullName, entry))
                throw new DataSetException($"'{path}' holds '{entry.FullName}' twice; rename or remove one of the two.");
        foreach (var (name, entry) in entries)
            if (name.Split('/') is not [var folder, .. var folders, var file])
                files.Skip(name, "in no class folder");
            else if (folders.Length == 0)
                files.Add(folder, file, () => StartOf(entry));
            else if (DataSetFiles.IsPicture(file, () => StartOf(entry), out var kind))
                throw ZipEntryName.Nested(name, 1 + folders.Length);
            else
                files.Skip(name, kind);
        return entries;
    }

    /// <summary>Null where it cannot be unpacked.</summary>
    private static byte[]? StartOf(ZipArchiveEntry entry)
    {
        try
        {
            using var stream = entry.Open();
            return DataSetFiles.StartOf(stream);
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
        {
            return null;
        }
    }

    private static byte[] ReadBounded(Stream stream, string image, long claimed)
    {
        if (claimed > MaxImageBytes)
            throw new DataSetException($"Archive entry '{image}' unpacks to {claimed:N0} bytes; at most {MaxImageBytes:N0} are read.");
        using var bytes = new MemoryStream((int)claimed);
        var buffer = new byte[81_920];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if (bytes.Length + read > MaxImageBytes)
                throw new DataSetException($"Archive entry '{image}' unpacks to more than the {MaxImageBytes:N0} bytes that are read.");
            bytes.Write(buffer, 0, read);
        }
        return bytes.ToArray();
    }
}
