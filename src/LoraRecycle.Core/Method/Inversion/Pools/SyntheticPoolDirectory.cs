using System.Text.Json;
using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Safetensors;

namespace LoraRecycle.Core.Method.Inversion.Pools;

/// <summary>A pool on disk: a directory of <c>images.safetensors</c> and <c>pool.json</c>, which is there as a whole or not at
/// all.</summary>
public static class SyntheticPoolDirectory
{
    public const string InfoName = "pool.json";

    private const string TensorsName = "images.safetensors";
    private const long MaxInfoLength = 16_000_000;

    /// <summary>Whether a finished pool is there.</summary>
    public static bool IsPool(string directory) => File.Exists(Path.Combine(directory, InfoName));

    /// <param name="pool">Not consumed.</param>
    /// <param name="directory">Made with its parents; a pool that is there already is replaced.</param>
    /// <param name="addFiles">Writes further files into the directory before it gets its name.</param>
    /// <exception cref="IOException">The disk is full, or the directory holds something else than a pool; what was there stays.</exception>
    public static void Write(SyntheticPool pool, string directory, Action<string>? addFiles = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        WholeDirectory.Write(directory, InfoName, "pool", unnamed =>
        {
            SafetensorsWriter.Write(
                Path.Combine(unnamed, TensorsName),
                [("images", pool.Images), ("labels", pool.Labels), ("targets", pool.Targets), ("saliency", pool.Saliency)]);
            using (var stream = new FileStream(Path.Combine(unnamed, InfoName), FileMode.CreateNew))
            {
                JsonSerializer.Serialize(stream, pool.Info, SyntheticPoolJson.Default.SyntheticPoolInfo);
                stream.Flush(flushToDisk: true);
            }
            addFiles?.Invoke(unnamed);
        });
    }

    /// <returns>What a pool says about itself; its images are not read.</returns>
    /// <exception cref="InversionException">There is none, or it is damaged.</exception>
    public static SyntheticPoolInfo ReadInfo(string directory)
    {
        var path = Path.Combine(directory, InfoName);
        if (!File.Exists(path)) throw new InversionException($"{directory} is not a pool: it has no {InfoName}.");
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxInfoLength)
                throw new InversionException($"{path} has {stream.Length} bytes; at most {MaxInfoLength} are read.");
            return JsonSerializer.Deserialize(stream, SyntheticPoolJson.Default.SyntheticPoolInfo)
                ?? throw new InversionException($"{path} has no JSON object.");
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new InversionException($"The pool {directory} cannot be read: {exception.Message}", exception);
        }
    }

    /// <returns>The pool, which the caller owns.</returns>
    /// <exception cref="InversionException">There is none, or it is damaged.</exception>
    public static SyntheticPool Read(string directory)
    {
        var info = ReadInfo(directory);
        try
        {
            using var file = SafetensorsFile.Open(Path.Combine(directory, TensorsName));
            return new SyntheticPool(info, file.Read("images"), file.Read("labels"), file.Read("targets"), file.Read("saliency"));
        }
        catch (Exception exception) when (exception is SafetensorsException or IOException)
        {
            throw new InversionException($"The pool {directory} cannot be read: {exception.Message}", exception);
        }
    }
}
