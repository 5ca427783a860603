using SixLabors.ImageSharp.PixelFormats;

namespace LoraRecycle.Core.Imaging.Formats;

/// <summary>
/// Interpolates the chroma of a JPEG between its samples, and makes RGB of it, digit for digit as libjpeg does; the codec
/// itself repeats each sample, which shows where colours meet. The rows come from the codec with luma and chroma in the
/// places of red, green and blue.
/// </summary>
/// <param name="colour">How coarse the chroma is.</param>
/// <param name="width">Pixels a row.</param>
internal sealed class ChromaRows(JpegColour colour, int width)
{
    private const int Half = 1 << 15;

    private static readonly int[] RedOfCr = Table(1.40200, Half, 16);
    private static readonly int[] BlueOfCb = Table(1.77200, Half, 16);
    private static readonly int[] GreenOfCr = Table(-0.71414, 0, 0);
    private static readonly int[] GreenOfCb = Table(-0.34414, Half, 0);

    private readonly int _samples = (width + colour.Across - 1) / colour.Across;
    private readonly int[] _blue = new int[width + 1];
    private readonly int[] _red = new int[width + 1];
    private readonly int[] _sums = new int[(width + colour.Across - 1) / colour.Across];

    /// <param name="row">Luma of the row, with its own chroma.</param>
    /// <param name="other">The nearest row with other chroma, or the same where the picture ends.</param>
    /// <param name="y">Which row it is.</param>
    /// <param name="rgb">Where red, green and blue go.</param>
    public void Convert(ReadOnlySpan<Rgb24> row, ReadOnlySpan<Rgb24> other, int y, Span<byte> rgb)
    {
        Interpolate(row, other, y, isBlue: true, _blue);
        Interpolate(row, other, y, isBlue: false, _red);
        for (var x = 0; x < row.Length; x++)
        {
            var (luma, cb, cr) = (row[x].R, _blue[x], _red[x]);
            rgb[3 * x] = Clamp(luma + RedOfCr[cr]);
            rgb[3 * x + 1] = Clamp(luma + ((GreenOfCb[cb] + GreenOfCr[cr]) >> 16));
            rgb[3 * x + 2] = Clamp(luma + BlueOfCb[cb]);
        }
    }

    private void Interpolate(ReadOnlySpan<Rgb24> row, ReadOnlySpan<Rgb24> other, int y, bool isBlue, Span<int> chroma)
    {
        var (across, isDown) = (colour.Across, colour.Down == 2);
        var sums = _sums.AsSpan();
        for (var i = 0; i < sums.Length; i++)
        {
            var (near, far) = (row[i * across], other[i * across]);
            var sample = isBlue ? near.G : near.B;
            sums[i] = isDown ? 3 * sample + (isBlue ? far.G : far.B) : sample;
        }

        if (across == 1)
        {
            var bias = 1 + (y & 1);
            for (var i = 0; i < sums.Length; i++)
                chroma[i] = (sums[i] + bias) >> 2;
            return;
        }
        // libjpeg repeats the samples of what is no wider than two of them.
        if (!isDown && _samples <= 2)
        {
            for (var x = 0; x < width; x++)
                chroma[x] = sums[x / 2];
            return;
        }
        var (shift, left, right) = isDown ? (4, 8, 7) : (2, 1, 2);
        var last = sums.Length - 1;
        chroma[0] = (4 * sums[0] + left) >> shift;
        for (var i = 0; i < last; i++)
        {
            chroma[2 * i + 1] = (3 * sums[i] + sums[i + 1] + right) >> shift;
            chroma[2 * i + 2] = (3 * sums[i + 1] + sums[i] + left) >> shift;
        }
        if (2 * last + 1 < chroma.Length)
            chroma[2 * last + 1] = (4 * sums[last] + right) >> shift;
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);

    private static int[] Table(double factor, int rounding, int shift) =>
        [.. Enumerable.Range(-128, 256).Select(value => ((int)Math.Round(factor * (1 << 16)) * value + rounding) >> shift)];
}
