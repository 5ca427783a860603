namespace LoraRecycle.Core.Imaging.Formats.WebP.Lossless;

/// <summary>A canonical prefix code of a lossless WebP.</summary>
internal sealed class LosslessCode
{
    private const int LongestCode = 15;
    private const int RepeatLast = 16;
    private const int RepeatZero = 17;

    private readonly int[] _counts = new int[LongestCode + 1];
    private readonly int[] _symbols;
    private readonly int _used;

    private LosslessCode(ReadOnlySpan<int> lengths)
    {
        var starts = new int[LongestCode + 2];
        foreach (var length in lengths)
            _counts[length]++;
        _used = lengths.Length - _counts[0];
        _counts[0] = 0;
        for (var length = 1; length <= LongestCode; length++)
            starts[length + 1] = starts[length] + _counts[length];
        _symbols = new int[_used];
        for (var symbol = 0; symbol < lengths.Length; symbol++)
            if (lengths[symbol] > 0)
                _symbols[starts[lengths[symbol]]++] = symbol;
    }

    /// <summary>Reads a code's description.</summary>
    /// <param name="bits">Where from.</param>
    /// <param name="alphabet">How many symbols there can be.</param>
    public static LosslessCode Read(ref LosslessBits bits, int alphabet)
    {
        var lengths = new int[alphabet];
        if (bits.ReadFlag())
            ReadSimple(ref bits, lengths);
        else
            ReadLengths(ref bits, lengths);
        return new LosslessCode(lengths);
    }

    public int Next(ref LosslessBits bits)
    {
        if (_used == 1)
            return _symbols[0]; // takes no bit
        var (code, first, index) = (0, 0, 0);
        for (var length = 1; length <= LongestCode; length++)
        {
            code |= bits.Read(1);
            if (code - first < _counts[length])
                return _symbols[index + code - first];
            index += _counts[length];
            first = (first + _counts[length]) << 1;
            code <<= 1;
        }
        throw Bad();
    }

    private static void ReadSimple(ref LosslessBits bits, int[] lengths)
    {
        var isPair = bits.ReadFlag();
        Use(bits.Read(bits.ReadFlag() ? 8 : 1));
        if (isPair)
            Use(bits.Read(8));

        void Use(int symbol) => lengths[symbol < lengths.Length ? symbol : throw Bad()] = 1;
    }

    private static void ReadLengths(ref LosslessBits bits, int[] lengths)
    {
        ReadOnlySpan<int> order = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        var ofLengths = new int[order.Length];
        var given = 4 + bits.Read(4);
        for (var i = 0; i < given; i++)
            ofLengths[order[i]] = bits.Read(3);
        var code = new LosslessCode(ofLengths);
        var left = bits.ReadFlag() ? 2 + bits.Read(2 + 2 * bits.Read(3)) : lengths.Length;
        var last = 8;
        for (var symbol = 0; symbol < lengths.Length && left-- > 0;)
        {
            var length = code.Next(ref bits);
            if (length < RepeatLast)
            {
                lengths[symbol++] = length;
                last = length == 0 ? last : length;
                continue;
            }
            var (repeated, times) = length switch
            {
                RepeatLast => (last, 3 + bits.Read(2)),
                RepeatZero => (0, 3 + bits.Read(3)),
                _ => (0, 11 + bits.Read(7)),
            };
            if (symbol + times > lengths.Length)
                throw Bad();
            lengths.AsSpan(symbol, times).Fill(repeated);
            symbol += times;
        }
    }

    private static ImageException Bad() => new(
        ImageFault.Damaged, "a lossless WebP with whole codes", "contradictory ones", Remedy.SendItWhole);
}
