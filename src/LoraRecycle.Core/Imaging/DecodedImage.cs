namespace LoraRecycle.Core.Imaging;

/// <summary>An upright sRGB picture.</summary>
public sealed class DecodedImage
{
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="pixels">The samples, <c>[height, width, 3]</c>; kept, not copied.</param>
    /// <exception cref="ArgumentException">The sizes are not positive, or <paramref name="pixels"/> does not have one sample for
    /// each.</exception>
    public DecodedImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.LongLength != (long)width * height * Channels)
            throw new ArgumentException(
                $"Expected {(long)width * height * Channels} samples for {width} x {height} pixels of RGB; got {pixels.LongLength}.",
                nameof(pixels)
            );
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Red, green, blue.</summary>
    public const int Channels = 3;

    public int Width { get; }

    public int Height { get; }

    /// <summary>8 bit sRGB, red, green and blue interleaved, rows from the top: <c>[height, width, 3]</c>.</summary>
    public byte[] Pixels { get; }
}
