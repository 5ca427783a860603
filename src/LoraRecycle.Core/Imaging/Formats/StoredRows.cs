using SixLabors.ImageSharp.PixelFormats;

namespace LoraRecycle.Core.Imaging.Formats;

/// <summary>Makes RGB of rows that the codec gives as the file stores them, where the codec's own conversion will not do.</summary>
internal abstract class StoredRows
{
    /// <summary>Which other row is needed for a row; the same where none is.</summary>
    public abstract int Other(int y, int height);

    /// <param name="row">As stored.</param>
    /// <param name="other">What <see cref="Other"/> names.</param>
    /// <param name="y">Which row it is.</param>
    /// <param name="rgb">Where red, green and blue go.</param>
    public abstract void Convert(ReadOnlySpan<Rgb24> row, ReadOnlySpan<Rgb24> other, int y, Span<Rgb24> rgb);
}
