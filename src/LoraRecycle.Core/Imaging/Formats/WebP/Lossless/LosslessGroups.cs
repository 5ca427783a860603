namespace LoraRecycle.Core.Imaging.Formats.WebP.Lossless;

/// <summary>
/// How many groups of prefix codes a lossless WebP names. The codec makes tables for all of them before it looks whether they are
/// there: 1.5 GB for a file of 34 bytes. So all that comes before them is read here.
/// </summary>
internal static class LosslessGroups
{
    /// <summary>Tables of 100 MB; encoders make some hundred at most.</summary>
    private const int Most = 4096;

    private const int SignatureAndSizes = 8 + 14 + 14 + 1 + 3;
    private const int Literals = 256;
    private const int Lengths = 24;
    private const int Distances = 40;
    private const int LargestCache = 11;

    private enum Transform
    {
        Predictor,
        Colour,
        SubtractGreen,
        Palette,
    }

    /// <exception cref="ImageException">There are more than pictures need, or what comes before them is damaged.</exception>
    public static void RefuseTooMany(ReadOnlySpan<byte> data, ImageHeader header)
    {
        var bits = new LosslessBits(data);
        bits.Read(SignatureAndSizes / 2);
        bits.Read(SignatureAndSizes / 2);
        var width = header.Width;
        for (var seen = 0; bits.ReadFlag();)
        {
            var transform = (Transform)bits.Read(2);
            if ((seen & 1 << (int)transform) != 0)
                throw new ImageException(
                    ImageFault.Damaged, "a lossless WebP that transforms once in each way", "the same twice", Remedy.SendItWhole);
            seen |= 1 << (int)transform;
            width = Pass(ref bits, transform, width, header.Height);
        }
        ReadCache(ref bits);
        if (!bits.ReadFlag())
            return;
        var block = 2 + bits.Read(3);
        var (across, down) = (Blocks(width, block), Blocks(header.Height, block));
        var groups = 1 + LargestLiteral(ref bits, across, down);
        var most = Math.Min(Most, (long)across * down);
        if (groups > most)
            throw new ImageException(
                ImageFault.TooCostly, $"a lossless WebP with at most {most} groups of codes", $"one of {groups}", Remedy.Convert);
    }

    /// <returns>How many pixels a row has after it.</returns>
    private static int Pass(ref LosslessBits bits, Transform transform, int width, int height)
    {
        switch (transform)
        {
            case Transform.Predictor or Transform.Colour:
                var block = 2 + bits.Read(3);
                LargestLiteral(ref bits, Blocks(width, block), Blocks(height, block));
                return width;
            case Transform.Palette:
                var colours = 1 + bits.Read(8);
                LargestLiteral(ref bits, colours, 1);
                return Blocks(width, colours switch { <= 2 => 3, <= 4 => 2, <= 16 => 1, _ => 0 });
            default:
                return width;
        }
    }

    private static int Blocks(int pixels, int bits) => (pixels + (1 << bits) - 1) >> bits;

    /// <returns>How many colours are remembered.</returns>
    private static int ReadCache(ref LosslessBits bits)
    {
        if (!bits.ReadFlag())
            return 0;
        var size = bits.Read(4);
        return size is >= 1 and <= LargestCache
            ? 1 << size
            : throw new ImageException(
                ImageFault.Damaged, $"a lossless WebP that remembers 2 to {1 << LargestCache} colours", "another number",
                Remedy.SendItWhole);
    }

    /// <summary>
    /// Reads a small picture within the picture. What it copies from itself was a literal before, so the largest literal is its
    /// largest value.
    /// </summary>
    /// <returns>The largest value of red and green, which is a group's number.</returns>
    private static int LargestLiteral(ref LosslessBits bits, int width, int height)
    {
        var cache = ReadCache(ref bits);
        var green = LosslessCode.Read(ref bits, Literals + Lengths + cache);
        var (red, blue, alpha) = (
            LosslessCode.Read(ref bits, Literals), LosslessCode.Read(ref bits, Literals), LosslessCode.Read(ref bits, Literals));
        var distance = LosslessCode.Read(ref bits, Distances);
        var largest = 0;
        for (long left = (long)width * height; left > 0;)
        {
            var symbol = green.Next(ref bits);
            if (symbol < Literals)
            {
                largest = Math.Max(largest, red.Next(ref bits) << 8 | symbol);
                blue.Next(ref bits);
                alpha.Next(ref bits);
                left--;
            }
            else if (symbol < Literals + Lengths)
            {
                left -= Prefixed(ref bits, symbol - Literals);
                Prefixed(ref bits, distance.Next(ref bits));
            }
            else
                left--;
        }
        return largest;
    }

    /// <summary>A length or a distance: the symbol tells its highest bits and how many more follow.</summary>
    private static int Prefixed(ref LosslessBits bits, int symbol)
    {
        if (symbol < 4)
            return symbol + 1;
        var more = (symbol - 2) >> 1;
        return ((2 + (symbol & 1)) << more) + bits.Read(more) + 1;
    }
}
