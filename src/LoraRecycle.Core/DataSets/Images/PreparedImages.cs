using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Imaging.Preprocessing;
using static TorchSharp.torch;

namespace LoraRecycle.Core.DataSets.Images;

/// <summary>The images of an evaluation, each decoded and preprocessed once and kept on the device. Owns its tensor.</summary>
public sealed class PreparedImages : IDisposable
{
    private readonly Dictionary<string, long> _rows;

    /// <param name="pixels">[images, 3, height, width], normalised; taken over.</param>
    /// <param name="names">The images' names, row by row.</param>
    public PreparedImages(Tensor pixels, IEnumerable<string> names)
    {
        Pixels = pixels.DetachFromDisposeScope();
        _rows = names.Index().ToDictionary(entry => entry.Item, entry => (long)entry.Index, StringComparer.Ordinal);
        if (pixels.shape[0] != _rows.Count)
            throw new ArgumentException($"Expected a name for each of {pixels.shape[0]} images; got {_rows.Count}.", nameof(names));
    }

    /// <summary>[images, 3, height, width].</summary>
    public Tensor Pixels { get; }

    public int Count => _rows.Count;

    /// <param name="images">Names, each once.</param>
    /// <param name="read">The encoded bytes of a name; called for one at a time.</param>
    /// <param name="preprocessor">The model's.</param>
    /// <param name="device">Where the pixels are to be.</param>
    /// <param name="progress">Told how many are done, after each batch.</param>
    /// <param name="cancellation">Checked before each batch.</param>
    /// <exception cref="DataSetException">An image cannot be decoded; the message names it.</exception>
    public static PreparedImages Load(
        IReadOnlyCollection<string> images, Func<string, byte[]> read, ImagePreprocessor preprocessor, Device device,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var (names, pixels) = (new List<string>(), new List<Tensor>());
        foreach (
            var batch in new DecodedBatches(new ImageDecoder(new ImageDecoderOptions())).Of(
                images.Order(StringComparer.Ordinal),
                read,
                cancellation
            )
        )
        {
            pixels.Add(preprocessor.Preprocess(batch.Images, device));
            names.AddRange(batch.Names);
            progress?.Report(names.Count);
        }
        return new PreparedImages(cat([.. pixels]), names);
    }

    /// <summary>Where an image is in <see cref="Pixels"/>.</summary>
    public long RowOf(string image) => _rows[image];

    public void Dispose() => Pixels.Dispose();
}
