using System.Security.Cryptography;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.StoredTasks.Storage;

/// <summary>
/// Files on their way into the blob store: written and on disk under a temporary name before the database hears of them, and
/// gone with this unless they were given their own names.
/// </summary>
internal sealed class BlobIntake : IDisposable
{
    private readonly string _directory;
    private readonly FileStream _claim;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <param name="folder">Where files are on their way in.</param>
    /// <exception cref="ProblemException">The folder cannot be written.</exception>
    public BlobIntake(string folder)
    {
        _directory = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(folder);
            _claim = UploadSweep.Claim(_directory);
            Directory.CreateDirectory(_directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _claim?.Dispose();
            throw LoraUpload.NotStored(exception);
        }
    }

    /// <summary>In ordinal order, which is the order in which whoever takes several locks takes them.</summary>
    public IEnumerable<string> Names => _names.Order(StringComparer.Ordinal);

    /// <returns>The SHA-256 of the content, in hex.</returns>
    public string Add(ReadOnlySpan<byte> content)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(content));
        if (!_names.Add(name))
            return name;
        try
        {
            using var file = new FileStream(
                Path.Combine(_directory, name),
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                bufferSize: 0
            );
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LoraUpload.NotStored(exception);
        }
        return name;
    }

    /// <summary>Gives a file its own name, unless there is one of that name, which has the same content.</summary>
    public void Place(string name, string path)
    {
        if (File.Exists(path))
            return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(Path.Combine(_directory, name), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LoraUpload.NotStored(exception);
        }
    }

    public void Dispose()
    {
        try
        {
            if (Directory.Exists(_directory))
                Directory.Delete(_directory, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start sweeps it.
        }
        _claim.Dispose();
    }
}
