namespace LoraRecycle.Core.DataSets;

/// <summary>
/// Labelled images in class folders: <c>class/file</c>, in a directory or in a ZIP archive.
/// Classes and their images are in ordinal order, so that an index means the same image on every machine. Pictures are
/// known by their content where their names do not say so.
/// </summary>
public abstract class ImageDataSet : IDisposable
{
    /// <summary>No picture of a data set is larger than this; an archive that claims or unpacks to more is refused.</summary>
    public const int MaxImageBytes = 64 * 1024 * 1024;

    private const int FilesShown = 5;

    /// <param name="name">Its name.</param>
    /// <param name="files">What it holds.</param>
    private protected ImageDataSet(string name, DataSetFiles files)
    {
        Name = name;
        Skipped = [.. files.Skipped.Select(file => file.Path)];
        Classes = [.. files.Classes().OrderBy(c => c.Name, StringComparer.Ordinal)];
        if (files.ClassWithoutPicture() is var (empty, held))
            throw new DataSetException(
                $"Class '{empty}' of data set '{name}' has {Count(held.Count)} and no picture: {Shown(held)}. Expected pictures such as "
                    + "JPEG or PNG, whatever they are called; add some, or remove the folder."
            );
        if (Classes.Count == 0)
            throw new DataSetException(
                $"Data set '{name}' has no class folders with images; expected entries such as cup/photo.jpg.");
        Notice = Skipped.Count == 0
            ? null
            : $"{name}: {Count(Skipped.Count)} skipped, for {(Skipped.Count == 1 ? "it is" : "they are")} no picture of a class: "
                + $"{Shown(files.Skipped)}";
    }

    /// <param name="name">Its name.</param>
    /// <param name="classes">What it holds.</param>
    private protected ImageDataSet(string name, IReadOnlyList<ImageClass> classes) =>
        (Name, Classes, Skipped) = (name, [.. classes.OrderBy(c => c.Name, StringComparer.Ordinal)], []);

    /// <summary>Files that are not hidden, and are no pictures or in no class folder: paths inside the data set.</summary>
    public IReadOnlyList<string> Skipped { get; }

    /// <summary>One line for whoever uses the data set, that says how many files were skipped and which; null where none was.</summary>
    public string? Notice { get; }

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

    private static string Count(int files) => files == 1 ? "1 file" : $"{files} files";

    private static string Shown(IReadOnlyList<SkippedFile> files) =>
        string.Join(", ", files.Take(FilesShown).Select(file => $"{file.Path} ({file.Kind})")) + (files.Count > FilesShown ? ", ..." : "");
}
