using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.ActiveAdapter;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>Tells who needs a meta-LoRA, such as "2 stored tasks"; null when nobody does. A feature that keeps ids adds one.</summary>
/// <param name="id">Its id.</param>
/// <param name="cancellation">Stops it.</param>
internal delegate Task<string?> MetaLoraUse(string id, CancellationToken cancellation);

/// <summary>
/// Deletes meta-LoRAs that jobs made. One loses its name by a rename before any of it goes, and gets it back when somebody began to use it
/// in the meantime, in this process or in another.
/// </summary>
internal sealed class MetaLoraRemoval(MetaLoraStore store, UploadedLoras uploads, ActiveMetaLora active, IEnumerable<MetaLoraUse> uses)
{
    /// <exception cref="ProblemException">It is shipped, or active, or somebody needs it, or the disk does not allow it.</exception>
    public async Task RemoveAsync(string id, CancellationToken cancellation)
    {
        if (store.MadeFolder(id) is not { } folder)
            throw new ProblemException(
                MetaLoraProblems.Shipped,
                "Expected a meta-LoRA that a job made; this one comes with the server, and the shipped folder is read-only."
            );
        await RequireUnneededAsync(id, cancellation);
        var gone = Path.Combine(uploads.Uploads, Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(uploads.Uploads);
            using var claim = UploadSweep.Claim(gone);
            if (!await active.UnlessActiveAsync(id, () => Directory.Move(folder, gone), cancellation))
                throw Active();
            try
            {
                if (await active.IsActiveAsync(id, cancellation))
                    throw Active();
                await RequireUnneededAsync(id, cancellation);
            }
            catch
            {
                Directory.Move(gone, folder);
                throw;
            }
            Directory.Delete(gone, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LoraUpload.NotStored(exception);
        }
    }

    private async Task RequireUnneededAsync(string id, CancellationToken cancellation)
    {
        foreach (var use in uses)
            if (await use(id, cancellation) is { } user)
                throw InUse($"it is needed by {user}. Delete or change what needs it first");
    }

    private static ProblemException Active() => InUse("it is the active one. Activate another one first");

    private static ProblemException InUse(string why) =>
        new(MetaLoraProblems.InUse, $"Expected a meta-LoRA that nothing uses; {why}.");
}
