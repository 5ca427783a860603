using System.Buffers;
using System.Security.Cryptography;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>
/// The files of one LoRA on their way in, in a folder of their own that goes when they are not kept. They are hashed while
/// they are written, and never in memory as a whole.
/// </summary>
internal sealed class LoraUpload : IDisposable
{
    private const int BufferBytes = 128 << 10;

    private readonly Dictionary<string, byte[]> _hashes = new(StringComparer.Ordinal);
    private readonly long _limit;
    private readonly FileStream _claim;
    private readonly Action<long> _count;
    private long _allowed;
    private long _counted;

    /// <param name="folder">The folder of uploads.</param>
    /// <param name="limit">Most bytes of the files together.</param>
    /// <param name="count">Is told how many bytes are about to be written, and may refuse them; and what goes again, as a negative
    /// number.</param>
    /// <exception cref="ProblemException">The folder cannot be written.</exception>
    public LoraUpload(string folder, long limit, Action<long> count)
    {
        (_limit, _allowed, _count) = (limit, limit, count);
        Directory = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        try
        {
            System.IO.Directory.CreateDirectory(folder);
            _claim = UploadSweep.Claim(Directory);
            System.IO.Directory.CreateDirectory(Directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _claim?.Dispose();
            throw NotStored(exception);
        }
    }

    /// <summary>Where the files are.</summary>
    public string Directory { get; }

    /// <summary>Where an archive that holds them may be put; it is no file of the LoRA.</summary>
    public string Archive => $"{Directory}.zip";

    /// <summary>What people call it.</summary>
    public string? Name { get; set; }

    public IReadOnlyCollection<string> Files => _hashes.Keys;

    public long Bytes { get; private set; }

    /// <summary>Lowers the limit for what is still to come.</summary>
    public void Allow(long bytes) => _allowed = Math.Min(_limit, bytes);

    /// <summary>Takes a file.</summary>
    /// <param name="storedName">One of <see cref="LoraFiles"/>.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ProblemException">It came before, or is larger than it may be.</exception>
    public async Task AddAsync(string storedName, Stream content, CancellationToken cancellation)
    {
        if (_hashes.ContainsKey(storedName))
            throw new ProblemException(LoraProblems.RepeatedFile, "Expected each file of the LoRA once; found this one twice.", storedName);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await WriteAsync(Path.Combine(Directory, storedName), content, _allowed - Bytes, storedName, hash, cancellation);
        _hashes.Add(storedName, hash.GetHashAndReset());
        Bytes += new FileInfo(Path.Combine(Directory, storedName)).Length;
    }

    /// <summary>Puts an archive on disk, to be unpacked from there.</summary>
    public Task AddArchiveAsync(Stream content, CancellationToken cancellation) =>
        WriteAsync(Archive, content, _limit, "lora.zip", hash: null, cancellation);

    /// <summary>The adapter's revision, of the hashes that were taken on the way in.</summary>
    public string Id() =>
        AdapterRevision.FromFiles(AdapterFiles.Names.Append(LoraFiles.Paper).Where(_hashes.ContainsKey).Select(name => _hashes[name]));

    public void Dispose()
    {
        try
        {
            File.Delete(Archive);
            if (System.IO.Directory.Exists(Directory))
                System.IO.Directory.Delete(Directory, recursive: true);
        }
        finally
        {
            _claim.Dispose();
            _count(-_counted);
        }
    }

    /// <summary>A failure of the disk, for a client.</summary>
    public static ProblemException NotStored(Exception cause) =>
        new(
            LoraProblems.StorageUnavailable,
            "The data directory is full or not writable. See this request id in the server's log.",
            cause: cause
        );

    private async Task WriteAsync(
        string path,
        Stream content,
        long limit,
        string field,
        IncrementalHash? hash,
        CancellationToken cancellation
    )
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using var file = Storing(() => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0));
            var written = 0L;
            while (await content.ReadAsync(buffer, cancellation) is > 0 and var read)
            {
                written += read;
                if (written > limit)
                    throw new ProblemException(
                        LoraProblems.TooLarge,
                        $"Expected the files of a LoRA to be within the server's limits; {field} is larger than the {limit} bytes left.",
                        field
                    );
                _counted += read;
                _count(read);
                hash?.AppendData(buffer.AsSpan(0, read));
                // Not asynchronous: a write to the page cache is shorter than the way to another thread and back.
                Storing(() => { file.Write(buffer, 0, read); return true; });
            }
            Storing(() => { file.Flush(flushToDisk: true); return true; });
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static T Storing<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotStored(exception);
        }
    }
}
