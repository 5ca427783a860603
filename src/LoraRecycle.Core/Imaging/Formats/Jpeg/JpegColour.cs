namespace LoraRecycle.Core.Imaging.Formats.Jpeg;

/// <summary>Which colours a JPEG of three components stores, and how coarsely: told as libjpeg tells them.</summary>
/// <param name="IsLumaChroma">YCbCr, and not RGB.</param>
/// <param name="Across">How many pixels of a row share one chroma sample.</param>
/// <param name="Down">How many rows do.</param>
internal readonly record struct JpegColour(bool IsLumaChroma, int Across, int Down)
{
    private const byte Jfif = 0xE0;
    private const byte Adobe = 0xEE;

    /// <summary>Whether decoders interpolate the chroma between its samples, as libjpeg does for factors of two.</summary>
    public bool IsInterpolated => IsLumaChroma && (Across, Down) is (2, 1) or (1, 2) or (2, 2);

    public static JpegColour Read(ReadOnlySpan<byte> encoded)
    {
        var hasJfif = false;
        int? transform = null;
        ReadOnlySpan<byte> frame = [];
        var segments = new JpegSegments(encoded);
        while (segments.Next(out var marker, out var body) && marker != JpegSegments.StartOfScan)
        {
            if (marker == Jfif && body.StartsWith("JFIF\0"u8))
                hasJfif = true;
            else if (marker == Adobe && body.Length >= 12 && body.StartsWith("Adobe"u8))
                transform = body[11];
            else if (marker is 0xC0 or 0xC1 or 0xC2)
                frame = body;
        }
        const int ThreeComponents = 6 + 3 * 3;
        if (frame.Length < ThreeComponents || frame[5] != 3)
            return default;

        var isRgb = transform is { } told ? told == 0 : frame[6] == 'R' && frame[9] == 'G' && frame[12] == 'B';
        var (luma, blue, red) = (frame[7], frame[10], frame[13]);
        var isPlain = blue == 0x11 && red == 0x11;
        return new JpegColour(hasJfif || !isRgb, isPlain ? luma >> 4 : 0, isPlain ? luma & 15 : 0);
    }
}
