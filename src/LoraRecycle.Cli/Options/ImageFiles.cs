using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Options;

/// <summary>Image files named on the command line.</summary>
internal static class ImageFiles
{
    /// <summary>All of them, once it is known that they are there: before a model is loaded, not after.</summary>
    public static IReadOnlyList<string> Existing(IReadOnlyList<string> files) =>
        files.FirstOrDefault(file => !File.Exists(file)) is { } missing
            ? throw new UsageException(
                Directory.Exists(missing) ? $"'{missing}' is a folder; name the image files." : $"No file '{missing}'."
            )
            : files;
}
