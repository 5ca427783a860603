using System.ComponentModel.DataAnnotations;

namespace LoraRecycle.Service.Serving.Configuration;

/// <summary>Which images are decoded. JPEG, PNG, WebP, GIF and BMP always are.</summary>
public sealed class ImagingOptions
{
    public const string Section = "Imaging";

    /// <summary>Accept TIFF.</summary>
    public bool AllowTiff { get; set; }

    /// <summary>Most bytes of memory that decoding one image may take at once; progressive JPEGs take several times their pixels.</summary>
    [Range(1L << 20, 16L << 30)]
    public long DecodingBytes { get; set; } = 512L << 20;

    /// <summary>Longest time that decoding one image may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan DecodingTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Most scans of a JPEG; each costs a walk over all its pixels. Programs write about ten.</summary>
    [Range(1, 10_000)]
    public int JpegScans { get; set; } = 100;
}
