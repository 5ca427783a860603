using System.Net;
using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Hub.Protocol;

namespace LoraRecycle.Core.Hub.Pulling;

/// <summary>
/// Puts files of a hub into the cache. A blob gets its name when all of it is there and is what its hash says; until then it is
/// <c>TAG.incomplete</c>, which whoever fetches it next goes on with.
/// </summary>
internal sealed class BlobStore(HubClient client, HubCache cache, TimeProvider clock)
{
    private const string Incomplete = ".incomplete";
    private const int ChunkBytes = 256 << 10;

    /// <summary>How much of a file is here already.</summary>
    public long Had(RemoteFile file)
    {
        var blob = cache.Blob(file.Repository, file.Tag);
        return IsWhole(SnapshotLink.PathOf(cache, file), file) || IsWhole(blob, file) ? file.Size
            : new FileInfo(blob + Incomplete) is { Exists: true, Length: var length } && length <= file.Size ? length
            : 0;
    }

    /// <summary>Puts a file into the snapshot of its commit.</summary>
    /// <param name="file">The file.</param>
    /// <param name="report">Hears how many of its bytes are here.</param>
    /// <param name="cancellation">Ends it; what came stays, to be gone on with.</param>
    /// <exception cref="HubAccessException">It cannot be fetched, or is not what the hub says it is.</exception>
    public async Task StoreAsync(RemoteFile file, Action<long> report, CancellationToken cancellation)
    {
        var (blob, path) = (cache.Blob(file.Repository, file.Tag), SnapshotLink.PathOf(cache, file));
        if (IsWhole(path, file))
        {
            report(file.Size);
            return;
        }
        using var held = await BlobLock.TakeAsync(cache.Lock(file.Repository, file.Tag), clock, cancellation);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
            var isNew = !IsWhole(blob, file);
            if (isNew) await FetchAsync(file, blob, report, cancellation);
            SnapshotLink.Make(path, blob, isNew, cache.HasLinks);
        }
        catch (IOException full) when (DiskSpace.IsFull(full))
        {
            throw DiskSpace.Full(cache.Root, full);
        }
        report(file.Size);
    }

    private async Task FetchAsync(RemoteFile file, string blob, Action<long> report, CancellationToken cancellation)
    {
        // What was here when it began may be wrong, by whoever left it; what came in one go is not asked for again.
        if (!await FetchOnceAsync(file, blob, report, cancellation) && !await FetchOnceAsync(file, blob, report, cancellation))
            throw Wrong(file);
    }

    /// <returns>False where what came is wrong, and what was here before had a part in it; it is gone then.</returns>
    private async Task<bool> FetchOnceAsync(RemoteFile file, string blob, Action<long> report, CancellationToken cancellation)
    {
        var (partial, right, resumed) = (blob + Incomplete, false, false);
        await using (var stream = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0))
        {
            if (stream.Length > file.Size) stream.SetLength(0);
            using var hash = new ContentHash(file);
            await TakeInAsync(stream, hash, cancellation);
            resumed = stream.Position > 0;
            report(stream.Position);
            var farthest = stream.Position;
            if (stream.Position < file.Size)
                await client.Requests.PersistAsync(
                    async () =>
                    {
                        farthest = Math.Max(farthest, stream.Position);
                        await ReceiveAsync(file, stream, hash, report, cancellation);
                        return true;
                    },
                    () => stream.Position > farthest,
                    cancellation
                );
            right = hash.Matches();
            // To the disk before the rename, or a power cut could leave the name with nothing behind it.
            if (right) stream.Flush(flushToDisk: true);
        }
        if (right)
        {
            File.Move(partial, blob, overwrite: true);
            return true;
        }
        File.Delete(partial);
        return resumed ? false : throw Wrong(file);
    }

    /// <summary>Takes in what is there already.</summary>
    private static async Task TakeInAsync(FileStream stream, ContentHash hash, CancellationToken cancellation)
    {
        var buffer = new byte[ChunkBytes];
        while (await stream.ReadAsync(buffer, cancellation) is > 0 and var read)
            hash.Append(buffer.AsSpan(0, read));
    }

    /// <summary>One request for what is missing, as far as it gets.</summary>
    private async Task ReceiveAsync(
        RemoteFile file, FileStream stream, ContentHash hash, Action<long> report, CancellationToken cancellation)
    {
        using var answer = await client.OpenAsync(file, stream.Position, cancellation);
        var content = answer.Response.Content;
        var goesOn = answer.Response.StatusCode == HttpStatusCode.PartialContent
            && content.Headers.ContentRange is { } range
            && range.From == stream.Position
            && (range.Length ?? file.Size) == file.Size;
        if (!goesOn)
        {
            // The host sends all of it, or has nothing from there on: it begins again.
            stream.SetLength(0);
            hash.Restart();
            report(0);
            if (answer.Response.StatusCode != HttpStatusCode.OK)
                throw new HubAccessException($"{answer.Address.Authority} sends another part of {file.Path} than was asked for. Try again.")
                {
                    IsTransient = true,
                };
        }
        if (content.Headers.ContentLength is { } length && length != file.Size - stream.Position) throw Wrong(file);
        await using var body = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[ChunkBytes];
        while (stream.Position < file.Size)
        {
            var read = await client.Requests.ReceiveAsync(answer.Address, late => body.ReadAsync(buffer, late).AsTask(), cancellation);
            if (read == 0) break;
            var chunk = buffer.AsMemory(0, (int)Math.Min(read, file.Size - stream.Position));
            await stream.WriteAsync(chunk, cancellation);
            hash.Append(chunk.Span);
            report(stream.Position);
        }
        if (stream.Position < file.Size)
            throw new HubAccessException(
                $"{answer.Address.Authority} broke off after {stream.Position} of {file.Size} bytes of {file.Path}. Check the network; the "
                    + "same command goes on where this one stopped."
            )
            {
                IsTransient = true,
            };
    }

    /// <summary>A blob has its name once it was right; a length that differs is of a disk that lost something.</summary>
    private static bool IsWhole(string path, RemoteFile file) =>
        HubCache.IsThere(path) && new FileInfo(Links.Followed(path)).Length == file.Size;

    private static HubAccessException Wrong(RemoteFile file) => new(
        $"{file.Path} came otherwise than the hub describes it: expected {file.Size} bytes with the hash {file.Hash}. It was thrown away. "
            + "Try again; if that does not help, look for a proxy that changes what comes, or for a mirror in HF_ENDPOINT that is damaged."
    );
}
