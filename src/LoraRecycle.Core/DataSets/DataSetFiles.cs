using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Core.DataSets;

/// <summary>The files of a data set as they are found, sorted into the pictures of classes and what is skipped.</summary>
internal sealed class DataSetFiles
{
    // What calls itself a picture is one, perhaps damaged: whoever reads it is told, and nothing is left out for its damage.
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif",
    };

    private readonly Dictionary<string, List<string>> _pictures = new(StringComparer.Ordinal);
    private readonly List<SkippedFile> _skipped = [];

    /// <summary>In ordinal order.</summary>
    public IReadOnlyList<SkippedFile> Skipped => [.. _skipped.OrderBy(file => file.Path, StringComparer.Ordinal)];

    /// <summary>What nobody put there to be part of it: files and folders that are hidden, and what macOS adds to archives.</summary>
    public static bool IsHidden(string name) => name.StartsWith('.') || name == "__MACOSX";

    /// <summary>Whether a file is a picture: by its name, or else by what it holds.</summary>
    /// <param name="name">The file's.</param>
    /// <param name="start">Reads its first bytes; null where they cannot be read, which whoever reads the picture is told.</param>
    /// <param name="kind">What it is where it is none.</param>
    public static bool IsPicture(string name, Func<byte[]?> start, out string kind)
    {
        kind = "";
        if (Names.Contains(Path.GetExtension(name)) || start() is not { } bytes || ImageSignature.IsPicture(bytes)) return true;
        kind = bytes.Length == 0 ? "empty" : ImageSignature.Describe(bytes);
        return false;
    }

    /// <summary>As many first bytes of a file as tell what it is, or all that there are.</summary>
    public static byte[] StartOf(Stream file)
    {
        var start = new byte[ImageSignature.Length];
        return start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    /// <param name="folder">The class's.</param>
    /// <param name="file">The file's name in it.</param>
    /// <param name="start">Reads its first bytes.</param>
    public void Add(string folder, string file, Func<byte[]?> start)
    {
        var path = $"{folder}/{file}";
        if (!IsPicture(file, start, out var kind))
        {
            Skip(path, kind);
            return;
        }
        if (!_pictures.TryGetValue(folder, out var pictures)) _pictures[folder] = pictures = [];
        pictures.Add(path);
    }

    public void Skip(string path, string kind) => _skipped.Add(new SkippedFile(path, kind));

    public IEnumerable<ImageClass> Classes() =>
        _pictures.Select(entry => new ImageClass(entry.Key, [.. entry.Value.Order(StringComparer.Ordinal)]));

    /// <summary>A class whose folder has files, and none of them is a picture; null where there is none.</summary>
    public (string Name, IReadOnlyList<SkippedFile> Files)? ClassWithoutPicture()
    {
        var empty = Skipped
            .Where(file => file.Path.Contains('/', StringComparison.Ordinal))
            .GroupBy(file => file.Path[..file.Path.IndexOf('/', StringComparison.Ordinal)], StringComparer.Ordinal)
            .FirstOrDefault(folder => !_pictures.ContainsKey(folder.Key));
        return empty is null ? null : (empty.Key, [.. empty]);
    }
}
