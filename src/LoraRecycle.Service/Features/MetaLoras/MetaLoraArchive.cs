using System.IO.Compression;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.FewShot.Calibration;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>
/// The files of a meta-LoRA as a zip archive, which another server of the model takes as a folder: PEFT's, and the calibration. How it was
/// made stays here, because <c>run.json</c> may name folders of this machine.
/// </summary>
internal static class MetaLoraArchive
{
    private static readonly string[] Names = [AdapterConfig.FileName, AdapterFiles.TensorsName, CalibrationFile.Name];

    /// <returns>The archive from its beginning, in a file that goes when it is closed.</returns>
    /// <exception cref="IOException">A file cannot be read or is not there any more, or the disk is full.</exception>
    public static async Task<Stream> CreateAsync(string folder, CancellationToken cancellation)
    {
        var archive = new FileStream(
            Path.Combine(Path.GetTempPath(), $"lora-recycle-{Guid.NewGuid():N}.zip"),
            FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 4096,
            FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        try
        {
            await using (var zip = await ZipArchive.CreateAsync(archive, ZipArchiveMode.Create, leaveOpen: true, null, cancellation))
                foreach (var name in Names)
                    if (name != CalibrationFile.Name || File.Exists(Path.Combine(folder, name)))
                        // Weights do not get smaller by compression worth its time.
                        await zip.CreateEntryFromFileAsync(
                            Path.Combine(folder, name), name, CompressionLevel.NoCompression, cancellation);
            archive.Position = 0;
            return archive;
        }
        catch
        {
            await archive.DisposeAsync();
            throw;
        }
    }
}
