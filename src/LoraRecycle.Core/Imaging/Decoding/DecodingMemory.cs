namespace LoraRecycle.Core.Imaging.Decoding;

/// <summary>How much memory decoding a picture will hold at its peak, told from its header.</summary>
internal static class DecodingMemory
{
    /// <summary>Bytes, give or take some rows and the copy of the encoded file that some formats need.</summary>
    public static long Estimate(ImageHeader header)
    {
        // The codec's picture, and then either what the codec needs beside it or the upright copy that is made of it.
        var rgb = header.Pixels * DecodedImage.Channels;
        var decoded = rgb * Math.Min(header.BytesPerSample, 2);
        return decoded + Math.Max(rgb, HeldByCodec(header));
    }

    private static long HeldByCodec(ImageHeader header) => header.Format switch
    {
        // Every coefficient, 16 bit each, until the last scan has refined it.
        "JPEG" when header.Interlaced => 2 * header.Pixels * header.Bands,
        // Four samples a pixel, and in the lossless kind as many again while colours are looked up.
        "WebP" => 8 * header.Pixels,
        // One strip may be the whole picture: once as stored, once as decompressed.
        "TIFF" => 2 * header.Pixels * header.Bands * header.BytesPerSample,
        // A run-length bitmap's indices, and where there are none.
        "BMP" => 2 * header.Pixels,
        _ => 0,
    };
}
