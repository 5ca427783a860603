using System.Runtime.InteropServices;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Advanced;
using SixLabors.ImageSharp.PixelFormats;

namespace LoraRecycle.Core.Imaging.Formats;

/// <summary>Copies a decoded picture out of the codec's memory, turned as its EXIF orientation says.</summary>
internal static class Upright
{
    /// <param name="image">8 bit RGB, or 16 bit RGB, of which the high bytes are kept.</param>
    /// <param name="orientation">1 (upright) to 8.</param>
    /// <param name="stored">What makes RGB of the rows; null where they are RGB.</param>
    public static DecodedImage Copy<TPixel>(Image<TPixel> image, int orientation, StoredRows? stored = null)
        where TPixel : unmanaged, IPixel<TPixel>
    {
        var (width, height) = (image.Width, image.Height);
        var pixels = GC.AllocateUninitializedArray<byte>(checked(width * height * DecodedImage.Channels));
        var (first, right, down) = Steps(orientation, width, height);
        var converted = new byte[width * DecodedImage.Channels];
        for (var y = 0; y < height; y++)
        {
            var row = MemoryMarshal.AsBytes(image.DangerousGetPixelRowMemory(y).Span);
            if (typeof(TPixel) == typeof(Rgb48))
                row = KeepHighBytes(row, converted);
            else if (stored is not null)
            {
                var otherRow = MemoryMarshal.AsBytes(image.DangerousGetPixelRowMemory(stored.Other(y, height)).Span);
                stored.Convert(
                    MemoryMarshal.Cast<byte, Rgb24>(row),
                    MemoryMarshal.Cast<byte, Rgb24>(otherRow),
                    y,
                    MemoryMarshal.Cast<byte, Rgb24>(converted.AsSpan())
                );
                row = converted;
            }
            var at = first + y * down;
            if (right == 1)
                row.CopyTo(pixels.AsSpan(at * DecodedImage.Channels));
            else
                Scatter(MemoryMarshal.Cast<byte, Rgb24>(row), MemoryMarshal.Cast<byte, Rgb24>(pixels.AsSpan()), at, right);
        }
        return orientation >= 5 ? new DecodedImage(height, width, pixels) : new DecodedImage(width, height, pixels);
    }

    /// <summary>Where the first stored pixel goes, and how far on each one to its right and the one below it: in pixels of the upright
    /// picture.</summary>
    private static (int First, int Right, int Down) Steps(int orientation, int width, int height) => orientation switch
    {
        2 => (width - 1, -1, width),
        3 => (width * height - 1, -1, -width),
        4 => (width * (height - 1), 1, -width),
        5 => (0, height, 1),
        6 => (height - 1, height, -1),
        7 => (width * height - 1, -height, -1),
        8 => (height * (width - 1), -height, 1),
        _ => (0, 1, width),
    };

    private static void Scatter(ReadOnlySpan<Rgb24> row, Span<Rgb24> pixels, int at, int step)
    {
        foreach (var pixel in row)
        {
            pixels[at] = pixel;
            at += step;
        }
    }

    private static Span<byte> KeepHighBytes(ReadOnlySpan<byte> row, Span<byte> narrowed)
    {
        var samples = MemoryMarshal.Cast<byte, ushort>(row);
        for (var i = 0; i < narrowed.Length; i++)
            narrowed[i] = (byte)(samples[i] >> 8);
        return narrowed;
    }
}
