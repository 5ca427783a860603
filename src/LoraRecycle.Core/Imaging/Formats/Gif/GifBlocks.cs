namespace LoraRecycle.Core.Imaging.Formats.Gif;

/// <summary>Walks the blocks of a GIF without decompressing any.</summary>
internal ref struct GifBlocks
{
    public const byte Image = 0x2C;
    public const byte Trailer = 0x3B;

    private const byte Extension = 0x21;
    private const byte GraphicControl = 0xF9;

    private static readonly byte[] Greys = [.. Enumerable.Range(0, 256).SelectMany(value => Enumerable.Repeat((byte)value, 3))];

    private readonly ReadOnlySpan<byte> _encoded;
    private readonly ReadOnlySpan<byte> _palette;
    private PictureReader _reader;

    /// <summary>Reads the canvas and its palette.</summary>
    /// <exception cref="ImageException">They are cut short, or the canvas is empty.</exception>
    public GifBlocks(ReadOnlySpan<byte> encoded)
    {
        _encoded = encoded;
        _reader = new PictureReader(encoded, bigEndian: false);
        _reader.Skip("GIF89a"u8.Length);
        Width = _reader.UInt16();
        Height = _reader.UInt16();
        if (Width == 0 || Height == 0)
            throw Bad($"a canvas of {Width} x {Height}");
        var flags = _reader.UInt8();
        _reader.Skip(2);
        _palette = ReadPalette(flags);
    }

    public int Width { get; }

    public int Height { get; }

    /// <exception cref="ImageException">There is none, or its description is cut short.</exception>
    public GifFrame FirstFrame()
    {
        int? transparent = null;
        while (true)
        {
            switch (_reader.UInt8())
            {
                case Extension when _reader.UInt8() == GraphicControl:
                    transparent = ReadTransparent() ?? transparent;
                    break;
                case Extension:
                    if (!SkipBlocks())
                        throw Bad("an extension that does not end");
                    break;
                case Image:
                    return ReadFrame(transparent);
                case Trailer:
                    throw Bad("no frame at all");
            }
        }
    }

    /// <summary>How many frames begin after the first.</summary>
    public int CountMore()
    {
        var frames = 0;
        while (_reader.Remaining > 0)
        {
            switch (_reader.UInt8())
            {
                case Extension when _reader.Remaining > 1:
                    _reader.Skip(1);
                    if (!SkipBlocks())
                        return frames;
                    break;
                case Image when _reader.Remaining > 9:
                    frames++;
                    _reader.Skip(8);
                    var flags = _reader.UInt8();
                    if (_reader.Remaining <= TableBytes(flags))
                        return frames;
                    _reader.Skip(TableBytes(flags) + 1);
                    if (!SkipBlocks())
                        return frames;
                    break;
                case Trailer:
                    return frames;
            }
        }
        return frames;
    }

    private GifFrame ReadFrame(int? transparent)
    {
        var (left, top, width, height) = (_reader.UInt16(), _reader.UInt16(), _reader.UInt16(), _reader.UInt16());
        var flags = _reader.UInt8();
        if (width == 0 || height == 0)
            throw Bad($"a frame of {width} x {height}");
        var palette = ReadPalette(flags);
        var start = _reader.Position;
        var codeSize = _reader.UInt8();
        var isWhole = SkipBlocks();
        return new GifFrame
        {
            Left = left,
            Top = top,
            Width = width,
            Height = height,
            IsInterlaced = (flags & 0x40) != 0,
            Transparent = transparent,
            Palette = palette.IsEmpty ? _palette.IsEmpty ? Greys : _palette : palette,
            Data = _encoded[start.._reader.Position],
            IsWhole = isWhole && codeSize is >= 2 and <= 8 && _reader.Position - start > 2,
        };
    }

    private ReadOnlySpan<byte> ReadPalette(byte flags) => _reader.Take(TableBytes(flags));

    private static int TableBytes(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private int? ReadTransparent()
    {
        var size = _reader.UInt8();
        var body = _reader.Take(size);
        int? transparent = size >= 4 && (body[0] & 1) != 0 ? body[3] : null;
        if (!SkipBlocks())
            throw Bad("an extension that does not end");
        return transparent;
    }

    /// <returns>False when the bytes end before the empty block that ends all.</returns>
    private bool SkipBlocks()
    {
        while (_reader.Remaining > 0)
        {
            var size = _reader.UInt8();
            if (size == 0)
                return true;
            _reader.Skip(Math.Min(size, _reader.Remaining));
        }
        return false;
    }

    private static ImageException Bad(string came) =>
        new(ImageFault.Damaged, "an image with a complete header", came, Remedy.SendItWhole);
}
