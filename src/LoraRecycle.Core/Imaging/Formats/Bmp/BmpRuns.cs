namespace LoraRecycle.Core.Imaging.Formats.Bmp;

/// <summary>The run lengths of a compressed bitmap, walked to see whether they reach its end.</summary>
internal static class BmpRuns
{
    private const byte EndOfRow = 0;
    private const byte EndOfPicture = 1;
    private const byte Jump = 2;

    public static bool AreWhole(ReadOnlySpan<byte> runs, BmpFields fields)
    {
        var rows = 0;
        for (var at = 0; at + 1 < runs.Length;)
        {
            var (count, value) = (runs[at], runs[at + 1]);
            at += 2;
            if (count > 0)
                continue;
            switch (value)
            {
                case EndOfPicture:
                    return true;
                case EndOfRow:
                    rows++;
                    break;
                case Jump:
                    if (at + 2 > runs.Length)
                        return false;
                    rows += runs[at + 1];
                    at += 2;
                    break;
                default:
                    var bytes = fields.Bits == 4 ? (value + 1) / 2 : value;
                    at += bytes + (bytes & 1);
                    if (at > runs.Length)
                        return false;
                    break;
            }
        }
        return rows >= fields.Height; // many writers leave out the end
    }
}
