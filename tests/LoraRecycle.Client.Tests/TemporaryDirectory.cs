namespace LoraRecycle.Client.Tests;

/// <summary>A folder for one test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-client-");

    public string Path => _folder.FullName;

    /// <summary>Copies files into a folder in it.</summary>
    /// <returns>The folder in it.</returns>
    public string Put(string name, params IEnumerable<string> files)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;
        foreach (var file in files)
            File.Copy(file, System.IO.Path.Combine(folder, System.IO.Path.GetFileName(file)));
        return folder;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
