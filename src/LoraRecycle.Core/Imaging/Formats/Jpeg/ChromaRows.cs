using SixLabors.ImageSharp.PixelFormats;

namespace LoraRecycle.Core.Imaging.Formats.Jpeg;

/// <summary>
/// Interpolates the chroma of a JPEG between its samples, and makes RGB of it, digit for digit as libjpeg does; the codec
/// itself repeats each sample, which shows where colours meet. The rows come from the codec with luma and chroma in the
/// places of red, green and blue.
/// </summary>
/// <param name="colour">How coarse the chroma is.</param>
/// <param name="width">Pixels a row.</param>
internal sealed class ChromaRows(JpegColour colour, int width) : StoredRows
{
    private const int Half = 1 << 15;

    private static readonly int[] RedOfCr = Table(1.40200, Half, 16);
    private static readonly int[] BlueOfCb = Table(1.77200, Half, 16);
    private static readonly int[] GreenOfCr = Table(-0.71414, 0, 0);
    private static readonly int[] GreenOfCb = Table(-0.34414, Half, 0);

    private readonly uint[] _chroma = new uint[width + 1];
    private readonly uint[] _sums = new uint[(width + colour.Across - 1) / colour.Across];

    /// <summary>The nearest row with other chroma, or the same where the picture ends.</summary>
    public override int Other(int y, int height) => colour.Down == 1 ? y : Math.Clamp((y & 1) == 0 ? y - 1 : y + 1, 0, height - 1);

    public override void Convert(ReadOnlySpan<Rgb24> row, ReadOnlySpan<Rgb24> other, int y, Span<Rgb24> rgb)
    {
        Sum(row, other);
        var shift = Interpolate(y);
        var chroma = _chroma.AsSpan(0, row.Length);
        rgb = rgb[..row.Length];
        for (var x = 0; x < row.Length; x++)
        {
            var (luma, cb, cr) = ((int)row[x].R, (byte)(chroma[x] >> shift), (byte)(chroma[x] >> (16 + shift)));
            rgb[x] = new Rgb24(
                Clamp(luma + RedOfCr[cr]), Clamp(luma + ((GreenOfCb[cb] + GreenOfCr[cr]) >> 16)), Clamp(luma + BlueOfCb[cb]));
        }
    }

    /// <summary>The samples of both chromas side by side in one number, Cr above Cb, with the other row's where rows share them.</summary>
    private void Sum(ReadOnlySpan<Rgb24> row, ReadOnlySpan<Rgb24> other)
    {
        var sums = _sums;
        for (int i = 0, x = 0; i < sums.Length; i++, x += colour.Across)
            sums[i] = colour.Down == 2 ? 3 * Both(row[x]) + Both(other[x]) : Both(row[x]);
    }

    private static uint Both(Rgb24 stored) => stored.G | (uint)stored.B << 16;

    /// <returns>How far both chromas are to be shifted down.</returns>
    private int Interpolate(int y)
    {
        const uint EachOnce = 0x1_0001;
        var (sums, chroma) = (_sums, _chroma);
        if (colour.Across == 1)
        {
            var bias = EachOnce * (uint)(1 + (y & 1));
            for (var i = 0; i < sums.Length; i++)
                chroma[i] = sums[i] + bias;
            return 2;
        }
        var isDown = colour.Down == 2;
        // libjpeg repeats the samples of what is no wider than two of them.
        if (!isDown && sums.Length <= 2)
        {
            for (var x = 0; x < width; x++)
                chroma[x] = sums[x / 2];
            return 0;
        }
        var (left, right) = isDown ? (8 * EachOnce, 7 * EachOnce) : (EachOnce, 2 * EachOnce);
        var last = sums.Length - 1;
        chroma[0] = 4 * sums[0] + left;
        for (var i = 0; i < last; i++)
        {
            chroma[2 * i + 1] = 3 * sums[i] + sums[i + 1] + right;
            chroma[2 * i + 2] = 3 * sums[i + 1] + sums[i] + left;
        }
        if (2 * last + 1 < chroma.Length)
            chroma[2 * last + 1] = 4 * sums[last] + right;
        return isDown ? 4 : 2;
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);

    private static int[] Table(double factor, int rounding, int shift) =>
        [.. Enumerable.Range(-128, 256).Select(value => ((int)Math.Round(factor * (1 << 16)) * value + rounding) >> shift)];
}
