namespace LoraRecycle.Core.DataSets;

/// <summary>Class folders in a directory. Files outside a class folder, and files that are no images, are not part of it.</summary>
internal sealed class FolderDataSet : ImageDataSet
{
    private const string Loose = "in no class folder";

    private readonly string _root;

    public FolderDataSet(string root)
        : base(new DirectoryInfo(root).Name, FilesOf(new DirectoryInfo(root))) => _root = root;

    public override byte[] Read(string image)
    {
        var path = Path.Combine(_root, image);
        var length = new FileInfo(path).Length;
        return length <= MaxImageBytes
            ? File.ReadAllBytes(path)
            : throw new DataSetException($"Image '{image}' has {length:N0} bytes; at most {MaxImageBytes:N0} are read.");
    }

    private static DataSetFiles FilesOf(DirectoryInfo root)
    {
        var files = new DataSetFiles();
        foreach (var loose in Shown(root.EnumerateFiles())) files.Skip(loose.Name, Loose);
        foreach (var folder in root.EnumerateDirectories().Where(folder => !DataSetFiles.IsHidden(folder.Name)))
            foreach (var file in Shown(folder.EnumerateFiles())) files.Add(folder.Name, file.Name, () => StartOf(file));
        return files;
    }

    private static IEnumerable<FileInfo> Shown(IEnumerable<FileInfo> files) => files.Where(file => !DataSetFiles.IsHidden(file.Name));

    private static byte[] StartOf(FileInfo file)
    {
        // Not opened where it is empty: pipes are, and would be waited for.
        if (file is { Exists: true, Length: 0 }) return [];
        using var stream = file.OpenRead();
        return DataSetFiles.StartOf(stream);
    }
}
