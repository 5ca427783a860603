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
    public static FilePayload Text { get; } = new() { Name = "notes.jpg", MimeType = "image/jpeg", Buffer = "This is no picture."u8.ToArray() };

    /// <summary>More than the server takes for one picture.</summary>
    public static FilePayload Huge { get; } = new() { Name = "huge.jpg", MimeType = "image/jpeg", Buffer = new byte[17 << 20] };
}
