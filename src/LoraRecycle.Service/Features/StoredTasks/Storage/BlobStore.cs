using System.Security.Cryptography;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.StoredTasks.Storage;

/// <summary>
/// Files named by the SHA-256 of their content, each there once however many images have it. A file is there before a row
/// that needs it is committed, and goes only after the last of them; the row of <see cref="StoredBlob"/> keeps who adds and
/// who removes apart, also in different processes. A kill in between leaves a file that nobody needs, which a sweep removes.
/// </summary>
internal sealed class BlobStore(IOptions<StorageOptions> storage, StateDatabase database)
{
    private string Folder => Path.Combine(storage.Value.FullPath, "blobs");

    /// <summary>Where files are on their way in; a disk of its own would make the rename a copy, so it is beside the blobs.</summary>
    private string Incoming => Path.Combine(storage.Value.FullPath, "incoming");

    public BlobIntake Receive() => new(Incoming);

    /// <exception cref="ProblemException">The file is lost, or cannot be read.</exception>
    public async Task<byte[]> ReadAsync(StoredImage image, CancellationToken cancellation)
    {
        try
        {
            var content = await File.ReadAllBytesAsync(PathOf(image.Content), cancellation);
            return Convert.ToHexStringLower(SHA256.HashData(content)) == image.Content ? content : throw Lost(image, cause: null);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Lost(image, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                LoraProblems.StorageUnavailable,
                "A file in the data directory cannot be read. See this request id in the server's log.",
                cause: exception
            );
        }
    }

    private ProblemException Lost(StoredImage image, Exception? cause) =>
        new(
            TaskProblems.ImageLost,
            $"The server has lost the task's image {image.Number}: {Path.GetRelativePath(storage.Value.FullPath, PathOf(image.Content))} "
                + "in its data directory is missing or damaged. Restore this file from a backup, or drop the image (PATCH the task with "
                + $"\"dropImages\": [{image.Number}]) and add it again.",
            cause: cause
        );

    /// <summary>Puts all that was received in its place, within the transaction that adds the rows which need it.</summary>
    public async Task PlaceAsync(BlobIntake intake, StateContext context, CancellationToken cancellation)
    {
        foreach (var name in intake.Names)
        {
            await LockAsync(name, context, cancellation);
            intake.Place(name, PathOf(name));
        }
    }

    /// <summary>Removes those of these files that no image needs any more.</summary>
    public async Task CollectAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            await using var context = await database.OpenAsync(cancellation);
            await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
            await LockAsync(name, context, cancellation);
            if (!await context.Set<StoredImage>().AnyAsync(image => image.Content == name, cancellation))
            {
                File.Delete(PathOf(name));
                await context.Set<StoredBlob>().Where(blob => blob.Sha256 == name).ExecuteDeleteAsync(cancellation);
            }
            await transaction.CommitAsync(cancellation);
        }
    }

    /// <summary>Removes what processes that were killed left behind. Other processes may be at work meanwhile.</summary>
    public async Task SweepAsync(CancellationToken cancellation)
    {
        UploadSweep.Run(Incoming);
        var known = new HashSet<string>(StringComparer.Ordinal);
        await using (var context = await database.OpenAsync(cancellation))
        {
            await foreach (
                var name in context
                    .Set<StoredImage>()
                    .Select(image => image.Content)
                    .Distinct()
                    .AsAsyncEnumerable()
                    .WithCancellation(cancellation)
            )
                known.Add(name);
            // A row that nobody needs is one that was about to be collected.
            var rows = await context.Set<StoredBlob>().Select(blob => blob.Sha256).ToListAsync(cancellation);
            await CollectAsync(rows.Where(name => !known.Contains(name)), cancellation);
        }
        if (Directory.Exists(Folder))
            await CollectAsync(Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path))
                .Where(name => UploadedLoras.IsId(name) && !known.Contains(name)).ToArray(), cancellation);
    }

    private string PathOf(string name) => Path.Combine(Folder, name[..2], name);

    /// <summary>Until the transaction ends. SQLite has one writer at a time anyway.</summary>
    private static Task<int> LockAsync(string name, StateContext context, CancellationToken cancellation) =>
        context.Database.ExecuteSqlAsync(
            $"INSERT INTO blobs (sha256) VALUES ({name}) ON CONFLICT (sha256) DO UPDATE SET sha256 = excluded.sha256",
            cancellation
        );
}
