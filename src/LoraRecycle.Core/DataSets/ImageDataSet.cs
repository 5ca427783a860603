namespace LoraRecycle.Core.DataSets;

/// <summary>
/// Labelled images in class folders: <c>class/file</c>, in a directory or in a ZIP archive.
/// Classes and their images are in ordinal order, so that an index means the same image on every machine.
/// </summary>
public abstract class ImageDataSet : IDisposable
{
    /// <summary>No picture of a data set is larger than this; an archive that claims or unpacks to more is refused.</summary>
    public const int MaxImageBytes = 64 * 1024 * 1024;

    private static readonly HashSet<string> ImageExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif",
    };

    private protected ImageDataSet(string name, IEnumerable<ImageClass> classes)
    {
        Name = name;
        Classes = [.. classes.OrderBy(c => c.Name, StringComparer.Ordinal)];
        if (Classes.Count == 0)
            throw new DataSetException(
                $"Data set '{name}' has no class folders with images; expected entries such as cup/photo.jpg.");
    }

    /// <summary>The file's or folder's name without extension: the key by which a split file knows it.</summary>
    public string Name { get; }

    public IReadOnlyList<ImageClass> Classes { get; }

    /// <summary>Opens a directory of class folders or a ZIP archive of them.</summary>
    /// <exception cref="DataSetException">Nothing is there, it is not a ZIP, its names are unsafe, or it holds no class.</exception>
    public static ImageDataSet Open(string path)
    {
        if (Directory.Exists(path))
            return new FolderDataSet(path);
        if (File.Exists(path))
            return ZipDataSet.Open(path);
        throw new DataSetException($"No data set at '{path}': expected a directory of class folders or a ZIP archive of them.");
    }

    /// <summary>The encoded bytes of one image of <see cref="Classes"/>. Not safe for concurrent calls.</summary>
    public abstract byte[] Read(string image);

    /// <summary>The classes of these names, in the data set's order.</summary>
    /// <exception cref="DataSetException">A name is not a class of this data set.</exception>
    public IReadOnlyList<ImageClass> Select(IEnumerable<string> names)
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        ImageClass[] found = [.. Classes.Where(c => wanted.Contains(c.Name))];
        if (found.Length == wanted.Count)
            return found;
        var missing = wanted.Except(found.Select(c => c.Name), StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        throw new DataSetException(
            $"Data set '{Name}' lacks {missing.Length} of the {wanted.Count} requested classes: "
                + $"{string.Join(", ", missing.Take(5))}{(missing.Length > 5 ? ", ..." : "")}."
        );
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) { }

    private protected static bool IsImage(string file) => !file.StartsWith('.') && ImageExtensions.Contains(Path.GetExtension(file));
}
