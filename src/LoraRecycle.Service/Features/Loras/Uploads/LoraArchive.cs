using System.Buffers.Binary;
using System.IO.Compression;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Loras.Uploads;

/// <summary>
/// Unpacks a zip of a LoRA's files. Nothing in it is believed: its directory is measured before it is read, what comes out is
/// counted while it comes, and names only choose among those of a LoRA's files.
/// </summary>
internal static class LoraArchive
{
    public const string Field = "lora.zip";

    private const long AlwaysAllowed = 1 << 20;
    private const int DirectoryBytesPerEntry = 1024;
    private const int EndLength = 22;
    private const int LongestComment = ushort.MaxValue;

    /// <exception cref="ProblemException">It is damaged, too large, or has a file that does not belong.</exception>
    public static async Task UnpackAsync(LoraUpload upload, LoraOptions options, CancellationToken cancellation)
    {
        await using var file = new FileStream(upload.Archive, FileMode.Open, FileAccess.Read, FileShare.Read);
        RequireFewEntries(file, options);
        upload.Allow(Math.Max(AlwaysAllowed, checked(file.Length * options.ExpansionRatio)));
        try
        {
            await using var archive = await ZipArchive.CreateAsync(
                file,
                ZipArchiveMode.Read,
                leaveOpen: true,
                entryNameEncoding: null,
                cancellation
            );
            if (archive.Entries.Count > options.ZipEntries)
                throw TooMany(options);
            // All names before any content: an archive with one that is wrong is refused as a whole.
            var entries = Outermost([
                .. archive
                    .Entries.Where(entry => !entry.FullName.EndsWith('/'))
                    .Select(entry => (Entry: entry, Name: LoraFiles.StoredNameInArchive(entry.FullName)))
                    .Where(entry => entry.Name is not null),
            ]);
            foreach (var (entry, name) in entries)
            {
                if (entry.IsEncrypted)
                    throw Damaged("it is encrypted");
                await using var content = await entry.OpenAsync(cancellation);
                await upload.AddAsync(name!, content, cancellation);
            }
        }
        catch (Exception exception)
            when (exception is InvalidDataException or NotSupportedException or EndOfStreamException or ArgumentException
                || exception.GetType() == typeof(IOException)
            )
        {
            throw Damaged("it is truncated, contradicts itself, or uses an unsupported compression");
        }
    }

    /// <summary>Where a file is there several times, as with the checkpoints of a training, the LoRA is what lies in the one folder that is
    /// around all others.</summary>
    private static (ZipArchiveEntry Entry, string? Name)[] Outermost((ZipArchiveEntry Entry, string? Name)[] entries)
    {
        if (entries.DistinctBy(entry => entry.Name).Count() == entries.Length)
            return entries;
        static string FolderOf(ZipArchiveEntry entry) => entry.FullName[..(entry.FullName.LastIndexOf('/') + 1)];
        var outer = entries.Select(entry => FolderOf(entry.Entry)).MinBy(folder => folder.Length)!;
        // Files in another folder beside it are a second LoRA: told by the file that comes twice.
        return entries.All(entry => entry.Entry.FullName.StartsWith(outer, StringComparison.Ordinal))
            ? [.. entries.Where(entry => FolderOf(entry.Entry) == outer)]
            : entries;
    }

    /// <summary>
    /// Bounds the archive's directory before the library reads all of it into memory: a file of the permitted size can
    /// list millions of entries, whatever number it announces.
    /// </summary>
    private static void RequireFewEntries(FileStream file, LoraOptions options)
    {
        var tail = new byte[Math.Min(file.Length, EndLength + LongestComment)];
        file.Seek(-tail.Length, SeekOrigin.End);
        file.ReadExactly(tail);
        file.Position = 0;
        var at = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (at < 0 || tail.Length - at < EndLength)
            throw Damaged("it is not a zip archive, or is truncated");
        var end = tail.AsSpan(at);
        var (disk, count, start) = (
            BinaryPrimitives.ReadUInt16LittleEndian(end[4..]),
            BinaryPrimitives.ReadUInt16LittleEndian(end[10..]),
            BinaryPrimitives.ReadUInt32LittleEndian(end[16..])
        );
        // These values stand for a 64-bit directory elsewhere, which no archive of a few files needs.
        if (disk != 0 || count == ushort.MaxValue || start == uint.MaxValue)
            throw Damaged("it has several parts, or uses ZIP64");
        var directoryBytes = file.Length - tail.Length + at - start;
        if (directoryBytes < 0)
            throw Damaged("its directory is not at the stated place");
        if (count > options.ZipEntries || directoryBytes > (long)options.ZipEntries * DirectoryBytesPerEntry)
            throw TooMany(options);
    }

    private static ProblemException TooMany(LoraOptions options) => new(
        LoraProblems.TooManyFiles, $"Expected at most {options.ZipEntries} entries in the archive; found more.", Field);

    private static ProblemException Damaged(string why) => new(
        LoraProblems.DamagedZip, $"Expected a zip archive of a LoRA's files, stored or deflated; this one cannot be read: {why}.", Field);
}
