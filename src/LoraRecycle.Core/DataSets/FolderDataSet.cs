namespace LoraRecycle.Core.DataSets;

/// <summary>Class folders in a directory. Files outside a class folder, and files that are no images, are not part of it.</summary>
internal sealed class FolderDataSet : ImageDataSet
{
    private readonly string _root;

    public FolderDataSet(string root)
        : base(new DirectoryInfo(root).Name, ReadClasses(root)) => _root = root;

    public override byte[] Read(string image)
    {
        var path = Path.Combine(_root, image);
        var length = new FileInfo(path).Length;
        return length <= MaxImageBytes
            ? File.ReadAllBytes(path)
            : throw new DataSetException($"Image '{image}' has {length:N0} bytes; at most {MaxImageBytes:N0} are read.");
    }

    private static IEnumerable<ImageClass> ReadClasses(string root) =>
        from folder in new DirectoryInfo(root).EnumerateDirectories()
        where !folder.Name.StartsWith('.')
        let images = folder
            .EnumerateFiles()
            .Where(f => IsImage(f.Name))
            .Select(f => $"{folder.Name}/{f.Name}")
            .Order(StringComparer.Ordinal)
            .ToArray()
        where images.Length > 0
        select new ImageClass(folder.Name, images);
}
