namespace LoraRecycle.Core.Imaging;

/// <summary>What a picture's header says; reading it decodes no pixel.</summary>
/// <param name="Format">"JPEG", "PNG", "WebP", "GIF", "BMP" or "TIFF".</param>
/// <param name="Width">Pixels a row as stored, before <paramref name="Orientation"/> is applied.</param>
/// <param name="Height">Rows as stored.</param>
/// <param name="Pages">Pages or frames in the file; only the first is ever decoded.</param>
/// <param name="Bands">Samples a pixel, alpha included.</param>
/// <param name="BytesPerSample">1 for 8 bit, 2 for 16 bit.</param>
/// <param name="Interlaced">Progressive JPEG or Adam7 PNG: the whole picture is in memory before its first row is known.</param>
/// <param name="Orientation">EXIF orientation, 1 (upright) to 8.</param>
/// <param name="HasAlpha">Whether one of the bands is transparency.</param>
public sealed record ImageHeader(
    string Format,
    int Width,
    int Height,
    int Pages,
    int Bands,
    int BytesPerSample,
    bool Interlaced,
    int Orientation,
    bool HasAlpha)
{
    /// <summary>Pixels of the first page.</summary>
    public long Pixels => (long)Width * Height;

    /// <summary>Whether orienting the picture swaps its width and height.</summary>
    public bool IsTransposed => Orientation >= 5;
}
