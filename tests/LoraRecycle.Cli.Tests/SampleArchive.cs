using System.IO.Compression;
using LoraRecycle.Tests;

namespace LoraRecycle.Cli.Tests;

/// <summary>Small ZIP data sets made of the sample photographs.</summary>
internal static class SampleArchive
{
    public static string Create(string path, int classes, int images)
    {
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var folder in Directory.EnumerateDirectories(Repository.PathOf("samples")).Order(StringComparer.Ordinal).Take(classes))
            foreach (var file in Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal).Take(images))
                archive.CreateEntryFromFile(file, $"{Path.GetFileName(folder)}/{Path.GetFileName(file)}");
        return path;
    }
}
