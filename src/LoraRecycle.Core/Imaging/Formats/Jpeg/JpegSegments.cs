namespace LoraRecycle.Core.Imaging.Formats.Jpeg;

/// <summary>Walks the segments of a JPEG. Stray bytes between them are passed over, as every viewer does.</summary>
internal ref struct JpegSegments(ReadOnlySpan<byte> encoded)
{
    public const byte StartOfImage = 0xD8;
    public const byte EndOfImage = 0xD9;
    public const byte StartOfScan = 0xDA;

    private readonly ReadOnlySpan<byte> _encoded = encoded;

    /// <summary>Where the next marker is looked for: at first behind the one that every JPEG starts with.</summary>
    public int Position { get; private set; } = 2;

    /// <returns>False when the bytes end before another whole segment.</returns>
    public bool Next(out byte marker, out ReadOnlySpan<byte> body)
    {
        body = [];
        marker = 0;
        while (true)
        {
            var found = _encoded[Position..].IndexOf((byte)0xFF);
            if (found < 0 || Position + found + 1 >= _encoded.Length)
                return false;
            Position += found + 1;
            marker = _encoded[Position];
            if (marker == 0xFF)
                continue; // padding: the marker is still to come
            Position++;
            if (marker is 0 or 1 or (>= 0xD0 and <= 0xD7) or (> 1 and < StartOfFrames))
                continue; // data, or a marker that has no body
            if (marker is StartOfImage or EndOfImage)
                return true;
            return TakeBody(out body);
        }
    }

    /// <summary>Passes over the compressed data that follow a scan's header.</summary>
    /// <returns>Where they end: at the marker that is the next, with the bytes that pad it.</returns>
    public int SkipData()
    {
        while (true)
        {
            var found = _encoded[Position..].IndexOf((byte)0xFF);
            if (found < 0)
                return Position = _encoded.Length;
            var start = Position + found;
            var marker = start + 1;
            while (marker < _encoded.Length && _encoded[marker] == 0xFF)
                marker++;
            Position = start;
            if (marker >= _encoded.Length || _encoded[marker] is not (0 or (>= 0xD0 and <= 0xD7)))
                return start;
            Position = marker + 1;
        }
    }

    private const byte StartOfFrames = 0xC0;

    private bool TakeBody(out ReadOnlySpan<byte> body)
    {
        body = [];
        if (Position + 2 > _encoded.Length)
            return false;
        var length = _encoded[Position] << 8 | _encoded[Position + 1];
        if (length < 2 || Position + length > _encoded.Length)
            return false;
        body = _encoded.Slice(Position + 2, length - 2);
        Position += length;
        return true;
    }
}
