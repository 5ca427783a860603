using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Platform.Storage.Sequences;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>
/// The LoRAs that were uploaded: folders named by content, each of which gets its name by a rename when all of it is on disk
/// and loses it by a rename before any of it goes. So what is listed is whole, whenever the process is killed.
/// </summary>
internal sealed class UploadedLoras(
    IOptions<StorageOptions> storage,
    IOptions<LoraOptions> options,
    LoraLeases leases,
    StateDatabase database
)
{
    private const string FactsName = "lora.json";
    private const string SequenceName = "loras";
    private const int IdLength = 64;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, Lora> _known = new(StringComparer.Ordinal);

    // Bytes of this process's uploads that are on their way in, and how many of them there may be.
    private long _arriving;
    private long _room;

    /// <summary>Where LoRAs are on their way in or out.</summary>
    public string Uploads => Path.Combine(storage.Value.FullPath, "uploads");

    private string Folder => Path.Combine(storage.Value.FullPath, "loras");

    /// <summary>Whether a text can be an id: nothing else is ever part of a path.</summary>
    public static bool IsId(string text) => text.Length == IdLength && !text.AsSpan().ContainsAnyExcept(HexDigits);

    public IReadOnlyList<Lora> All() => !Directory.Exists(Folder)
        ? []
        : [.. Directory.EnumerateDirectories(Folder).Select(path => Find(Path.GetFileName(path))).OfType<Lora>()];

    public Lora? Find(string id)
    {
        if (!IsId(id) || Path.Combine(Folder, id) is var directory && !Directory.Exists(directory))
        {
            _known.TryRemove(id, out _);
            return null;
        }
        if (_known.TryGetValue(id, out var known))
            return known;
        try
        {
            var facts = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(directory, FactsName)), LoraJson.Default.LoraFacts);
            return facts?.Id == id ? _known[id] = new Lora(LoraOrigin.Uploaded, directory, facts) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null; // it went in between, or is nothing that this service wrote
        }
    }

    /// <summary>Receives one, whose bytes count while they arrive.</summary>
    /// <exception cref="ProblemException">The folder cannot be written; while it is read, also that there is no room for it.</exception>
    public LoraUpload Receive()
    {
        SetRoom(Kept().Bytes);
        return new LoraUpload(Uploads, options.Value.UnpackedBytes, CountArriving);
    }

    private void CountArriving(long bytes)
    {
        var arriving = Interlocked.Add(ref _arriving, bytes);
        if (bytes <= 0 || arriving <= Volatile.Read(ref _room))
            return;
        // Others may have gone since it was looked up.
        var taken = Kept().Bytes;
        if (arriving > SetRoom(taken))
            throw new ProblemException(
                LoraProblems.QuotaExceeded,
                $"Expected at most {options.Value.QuotaBytes} bytes of uploaded LoRAs; found {taken}, and {arriving} that are arriving. "
                    + "Delete LoRAs that are no longer needed, or wait until other uploads have ended."
            );
    }

    /// <summary>How many LoRAs are kept, and their bytes. Processes that share the folder count what the others have kept.</summary>
    private (int Count, long Bytes) Kept()
    {
        var (count, bytes) = (0, 0L);
        foreach (var lora in All())
            (count, bytes) = (count + 1, bytes + lora.Facts.Bytes);
        return (count, bytes);
    }

    /// <summary>Remembers how many bytes may be arriving beside those that are kept. There is always room for one LoRA, since it may be one
    /// that is kept already.</summary>
    private long SetRoom(long kept)
    {
        var (quota, one) = (options.Value.QuotaBytes, options.Value.UnpackedBytes);
        var room = Math.Max(quota - kept, Math.Min(quota, one));
        Volatile.Write(ref _room, room);
        return room;
    }

    /// <summary>Whether one more of so many bytes may be kept.</summary>
    /// <exception cref="ProblemException">The quota does not allow it.</exception>
    public void RequireRoom(long bytes)
    {
        var ((kept, taken), quota) = (Kept(), options.Value);
        if (kept >= quota.QuotaCount)
            throw new ProblemException(
                LoraProblems.QuotaExceeded,
                $"Expected fewer than {quota.QuotaCount} uploaded LoRAs; found {kept}. Delete LoRAs that are no longer needed."
            );
        if (taken + bytes > quota.QuotaBytes)
            throw new ProblemException(
                LoraProblems.QuotaExceeded,
                $"Expected at most {quota.QuotaBytes} bytes of uploaded LoRAs; found {taken}, and this one adds {bytes}. Delete LoRAs "
                    + "that are no longer needed."
            );
    }

    /// <summary>Keeps what was uploaded and checked.</summary>
    /// <returns>The LoRA, and whether it is new; the one that is there already otherwise.</returns>
    /// <exception cref="ProblemException">The quota does not allow it, or the disk cannot take it.</exception>
    public async Task<(Lora Lora, bool IsNew)> KeepAsync(LoraUpload upload, LoraFacts facts, CancellationToken cancellation)
    {
        // It is listed before anybody else gets the next number, so no list gets one in front of what it had.
        await using var context = await database.OpenAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var kept = Keep(upload, facts with { Sequence = await Sequence.NextAsync(SequenceName, context, cancellation) });
        await transaction.CommitAsync(cancellation);
        return kept;
    }

    private (Lora Lora, bool IsNew) Keep(LoraUpload upload, LoraFacts facts)
    {
        try
        {
            using (var file = new FileStream(Path.Combine(upload.Directory, FactsName), FileMode.Create, FileAccess.Write))
            {
                JsonSerializer.Serialize(file, facts, LoraJson.Default.LoraFacts);
                file.Flush(flushToDisk: true);
            }
            Directory.CreateDirectory(Folder);
            lock (_lock)
            {
                if (Find(facts.Id) is { } same)
                    return (same, false);
                RequireRoom(facts.Bytes);
                var directory = Path.Combine(Folder, facts.Id);
                Directory.Move(upload.Directory, directory);
                return (_known[facts.Id] = new Lora(LoraOrigin.Uploaded, directory, facts), true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process on the same directory may have been faster.
            return Find(facts.Id) is { } same ? (same, false) : throw LoraUpload.NotStored(exception);
        }
    }

    /// <returns>False while somebody holds it.</returns>
    public async Task<bool> DeleteAsync(Lora lora, CancellationToken cancellation)
    {
        var gone = Path.Combine(Uploads, Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(Uploads);
            using var claim = UploadSweep.Claim(gone);
            var isDeleted = await leases.TryUnlessHeldAsync(
                lora.Id,
                () =>
                {
                    lock (_lock)
                    {
                        if (Directory.Exists(lora.Directory))
                            Directory.Move(lora.Directory, gone);
                        _known.TryRemove(lora.Id, out _);
                    }
                },
                cancellation);
            if (Directory.Exists(gone))
                Directory.Delete(gone, recursive: true);
            return isDeleted;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LoraUpload.NotStored(exception);
        }
    }
}
