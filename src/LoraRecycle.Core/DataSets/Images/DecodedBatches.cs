using System.Runtime.ExceptionServices;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Core.DataSets.Images;

/// <summary>Reads many encoded images and decodes them on all cores, a batch at a time.</summary>
internal sealed class DecodedBatches(ImageDecoder decoder, int batchSize = 32)
{
    // Large photographs go in smaller batches: 32 of them, decoded, would be gigabytes.
    private const long MaxEncodedBytesOfBatch = 8L << 20;

    /// <param name="images">The images' names.</param>
    /// <param name="read">The encoded bytes of a name; called for one at a time.</param>
    /// <param name="cancellation">Checked before each batch.</param>
    /// <returns>Every image, in the order given.</returns>
    /// <exception cref="DataSetException">An image cannot be decoded; the message names it.</exception>
    public IEnumerable<(IReadOnlyList<string> Names, DecodedImage[] Images)> Of(
        IEnumerable<string> images, Func<string, byte[]> read, CancellationToken cancellation)
    {
        foreach (var batch in Encoded(images, read))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return ([.. batch.Select(image => image.Name)], Decode(batch));
        }
    }

    private IEnumerable<List<(string Name, byte[] Encoded)>> Encoded(IEnumerable<string> images, Func<string, byte[]> read)
    {
        var batch = new List<(string, byte[])>();
        long bytes = 0;
        foreach (var name in images)
        {
            var encoded = read(name);
            if (batch.Count == batchSize || (batch.Count > 0 && bytes + encoded.Length > MaxEncodedBytesOfBatch))
            {
                yield return batch;
                batch = [];
                bytes = 0;
            }
            batch.Add((name, encoded));
            bytes += encoded.Length;
        }
        if (batch.Count > 0)
            yield return batch;
    }

    private DecodedImage[] Decode(List<(string Name, byte[] Encoded)> batch)
    {
        var decoded = new DecodedImage[batch.Count];
        try
        {
            Parallel.For(0, batch.Count, i => decoded[i] = Decode(batch[i].Name, batch[i].Encoded));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        return decoded;
    }

    private DecodedImage Decode(string name, byte[] encoded)
    {
        try
        {
            return decoder.Decode(encoded);
        }
        catch (ImageException e)
        {
            throw new DataSetException($"Image '{name}' cannot be used. {e.Message}", e);
        }
    }
}
