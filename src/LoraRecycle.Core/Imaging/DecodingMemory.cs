using LoraRecycle.Core.Imaging.Vips;

namespace LoraRecycle.Core.Imaging;

/// <summary>How much memory decoding a picture will hold at its peak, told from its header.</summary>
internal static class DecodingMemory
{
    /// <summary>Bytes, give or take the strips that libvips works on: some thousand rows of a large picture.</summary>
    public static long Estimate(ImageHeader header)
    {
        var rgb = header.Pixels * DecodedImage.Channels;
        var stored = header.Pixels * header.Bands * header.BytesPerSample;
        var copyToTurn = header.Orientation == 1 ? 0 : rgb;
        return rgb + copyToTurn + HeldByCodec(header, stored);
    }

    private static long HeldByCodec(ImageHeader header, long stored) => header.Format switch
    {
        // libjpeg keeps every coefficient, 16 bit each, until the last scan has refined it.
        VipsFormats.Jpeg => header.Interlaced ? 2 * stored : 0,
        VipsFormats.Png => header.Interlaced ? stored : 0,
        // The frame and the canvas it is drawn on, four samples a pixel whatever the bands.
        VipsFormats.WebP or VipsFormats.Gif => 8 * header.Pixels,
        // One strip or tile may be the whole picture: once as stored, once as decompressed.
        VipsFormats.Tiff => 2 * stored,
        // The codec's planes with its reference frame, and the RGB made of them.
        _ => 3 * stored,
    };
}
