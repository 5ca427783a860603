using System.ComponentModel.DataAnnotations;

namespace LoraRecycle.Core.Imaging;

/// <summary>What <c>ImageDecoder</c> accepts. JPEG, PNG, WebP, GIF and BMP always are.</summary>
public sealed class ImageDecoderOptions
{
    /// <summary>Most pixels a picture may have.</summary>
    [Range(1, 500_000_000)]
    public long MaxPixels { get; set; } = 50_000_000;

    /// <summary>Most bytes that decoding one picture may hold at once, its pixels included.</summary>
    [Range(1, 16L << 30)]
    public long MaxDecodingBytes { get; set; } = 512L << 20;

    /// <summary>
    /// How many times as long as wide (or wide as long) a picture may be. Models resize by the shorter edge, so that a
    /// picture of one row would otherwise become one of millions of columns.
    /// </summary>
    [Range(1, 1000)]
    public int MaxAspectRatio { get; set; } = 50;

    /// <summary>
    /// Most scans of a JPEG. Each costs a walk over all the picture's pixels, and as few as a dozen bytes of the file. Encoders write ten.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxJpegScans { get; set; } = 100;

    /// <summary>How long decoding one picture may take. The largest pictures of usual files take about a second.</summary>
    public TimeSpan MaxDecodingTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Accept TIFF. Off, because its decoder is large and few people post it.</summary>
    public bool AllowTiff { get; set; }
}
