using System.Buffers.Binary;
using System.IO.Compression;

namespace LoraRecycle.Core.Imaging.Formats.Png;

/// <summary>Writes pictures as PNG (RFC 2083): 8 bit RGB, rows unfiltered.</summary>
public static class PngEncoder
{
    /// <param name="image">The picture.</param>
    /// <param name="stream">Where the file goes; stays open.</param>
    public static void Write(DecodedImage image, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(PngChunk.Signature);

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), image.Height);
        (header[8], header[9]) = (8, 2); // bits a sample; RGB
        PngChunk.Write(stream, "IHDR"u8, header);

        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var stride = image.Width * DecodedImage.Channels;
            for (var row = 0; row < image.Height; row++)
            {
                zlib.WriteByte(0); // no filter
                zlib.Write(image.Pixels, row * stride, stride);
            }
        }
        PngChunk.Write(stream, "IDAT"u8, compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        PngChunk.Write(stream, "IEND"u8, []);
    }
}
