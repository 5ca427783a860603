using LoraRecycle.Tests;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

/// <summary>Files that somebody has.</summary>
internal static class Pictures
{
    /// <summary>Photographs of a class, by their place.</summary>
    public static string[] Of(string label, int first, int count) =>
        [.. Directory.GetFiles(Repository.PathOf("samples", label)).Order(StringComparer.Ordinal).Skip(first).Take(count)];

    /// <summary>A text that is called a picture.</summary>
    public static FilePayload Text { get; } =
        new()
        {
            Name = "notes.jpg",
            MimeType = "image/jpeg",
            Buffer = "This is no picture."u8.ToArray(),
        };

    /// <summary>Files that are larger than what the server takes for one picture.</summary>
    public static string[] Huge(int count) => [.. Enumerable.Range(0, count).Select(_ => HugeFile.Value)];

    /// <summary>On the disk, because the browser would be sent its content in many small messages.</summary>
    private static readonly Lazy<string> HugeFile = new(() =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("lora-recycle-page-").FullName, "huge.jpg");
        using (var file = File.Create(path))
            file.SetLength(17 << 20);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        return path;
    });
}
