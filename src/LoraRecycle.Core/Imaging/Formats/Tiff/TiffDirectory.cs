namespace LoraRecycle.Core.Imaging.Formats.Tiff;

/// <summary>The first directory of a TIFF: numbers by tag.</summary>
internal readonly ref struct TiffDirectory
{
    public const ushort Width = 256;
    public const ushort Height = 257;
    public const ushort BitsPerSample = 258;
    public const ushort Photometric = 262;
    public const ushort StripOffsets = 273;
    public const ushort Orientation = 274;
    public const ushort SamplesPerPixel = 277;
    public const ushort StripBytes = 279;
    public const ushort ExtraSamples = 338;
    public const ushort SampleFormat = 339;

    /// <summary>A value of <see cref="Photometric"/>.</summary>
    public const uint Inks = 5;

    /// <summary>A value of <see cref="SampleFormat"/>.</summary>
    public const uint FloatingPoint = 3;

    private const ushort TileWidth = 322;
    private const ushort TypeShort = 3;
    private const ushort TypeLong = 4;
    private const int EntryBytes = 12;
    private const int MaxPages = 10_000;

    private readonly ReadOnlySpan<byte> _encoded;
    private readonly ReadOnlySpan<byte> _entries;
    private readonly bool _bigEndian;

    private TiffDirectory(ReadOnlySpan<byte> encoded, bool bigEndian, uint at)
    {
        _encoded = encoded;
        _bigEndian = bigEndian;
        var reader = new PictureReader(encoded, bigEndian);
        reader.Seek(at);
        _entries = reader.Take(reader.UInt16() * EntryBytes);
        NextAt = reader.Position;
        reader.Skip(4);
    }

    /// <summary>Where the offset of the next directory is stored.</summary>
    public int NextAt { get; }

    public bool IsTiled => Has(TileWidth);

    /// <exception cref="ImageException">It is not all there.</exception>
    public static TiffDirectory ReadFirst(ReadOnlySpan<byte> encoded)
    {
        var bigEndian = encoded[0] == 'M';
        var reader = new PictureReader(encoded, bigEndian);
        reader.Skip(4);
        return new TiffDirectory(encoded, bigEndian, reader.UInt32());
    }

    public int CountPages()
    {
        var pages = 1;
        var page = this;
        while (pages < MaxPages)
        {
            var reader = new PictureReader(_encoded, _bigEndian);
            reader.Seek(page.NextAt);
            var next = reader.UInt32();
            if (next == 0 || next > _encoded.Length - 6)
                break;
            reader.Seek(next);
            if (reader.UInt16() * EntryBytes + 4 > reader.Remaining)
                break;
            page = new TiffDirectory(_encoded, _bigEndian, next);
            pages++;
        }
        return pages;
    }

    public bool Has(ushort tag) => Find(tag, out _, out _).Length > 0;

    /// <summary>The first number of a tag.</summary>
    public uint First(ushort tag, uint otherwise = 0)
    {
        var values = Find(tag, out var type, out _);
        return values.IsEmpty ? otherwise : Read(values, type);
    }

    /// <summary>All numbers of a tag.</summary>
    public uint[] All(ushort tag)
    {
        var values = Find(tag, out var type, out var count);
        if (values.IsEmpty)
            return [];
        var size = Size(type);
        var all = new uint[count];
        for (var i = 0; i < all.Length; i++)
            all[i] = Read(values[(i * size)..], type);
        return all;
    }

    private ReadOnlySpan<byte> Find(ushort tag, out ushort type, out int count)
    {
        (type, count) = (0, 0);
        for (var at = 0; at < _entries.Length; at += EntryBytes)
        {
            var entry = new PictureReader(_entries.Slice(at, EntryBytes), _bigEndian);
            if (entry.UInt16() != tag)
                continue;
            type = entry.UInt16();
            var values = entry.UInt32();
            if (type is not (TypeShort or TypeLong) || values == 0)
                return [];
            var bytes = (long)values * Size(type);
            if (bytes <= 4)
            {
                count = (int)values;
                return entry.Take(bytes);
            }
            var reader = new PictureReader(_encoded, _bigEndian);
            reader.Seek(entry.UInt32());
            var found = reader.Take(bytes);
            count = (int)values;
            return found;
        }
        return [];
    }

    private uint Read(ReadOnlySpan<byte> values, ushort type)
    {
        var reader = new PictureReader(values, _bigEndian);
        return type == TypeShort ? reader.UInt16() : reader.UInt32();
    }

    private static int Size(ushort type) => type == TypeShort ? 2 : 4;
}
