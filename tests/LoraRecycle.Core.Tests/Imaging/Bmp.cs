using System.Buffers.Binary;

namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>Windows bitmaps of two rows: red and green above, blue and white below.</summary>
internal static class Bmp
{
    private const uint Plain = 0;
    private const uint RunLength8 = 1;
    private const uint RunLength4 = 2;
    private const uint Masks = 3;

    private static readonly byte[] Palette = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0];

    /// <summary>One of each kind, by its name. Rows are stored from the bottom, blue before red.</summary>
    public static readonly Dictionary<string, byte[]> Samples = new()
    {
        ["24 bit"] = Of(24, Plain, [], [255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0]),
        ["24 bit from the top"] = Of(24, Plain, [], [0, 0, 255, 0, 255, 0, 0, 0, 255, 0, 0, 255, 255, 255, 0, 0], height: -2),
        ["32 bit"] = Of(32, Plain, [], [255, 0, 0, 9, 255, 255, 255, 9, 0, 0, 255, 9, 0, 255, 0, 9]),
        ["16 bit"] = Of(16, Plain, [], [0x1F, 0x00, 0xFF, 0x7F, 0x00, 0x7C, 0xE0, 0x03]),
        ["16 bit with masks"] = Of(
            16,
            Masks,
            [0, 0xF8, 0, 0, 0xE0, 7, 0, 0, 0x1F, 0, 0, 0],
            [0x1F, 0x00, 0xFF, 0xFF, 0x00, 0xF8, 0xE0, 0x07]
        ),
        ["8 bit"] = Of(8, Plain, Palette, [2, 3, 0, 0, 0, 1, 0, 0]),
        ["4 bit"] = Of(4, Plain, Palette, [0x23, 0, 0, 0, 0x01, 0, 0, 0]),
        ["8 bit run lengths"] = Of(8, RunLength8, Palette, [1, 2, 1, 3, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1]),
        ["4 bit run lengths"] = Of(4, RunLength4, Palette, [2, 0x23, 0, 0, 2, 0x01, 0, 0, 0, 1]),
    };

    private static byte[] Of(ushort bits, uint compression, byte[] table, byte[] pixels, int height = 2)
    {
        const int HeaderBytes = 14 + 40;
        var header = new byte[HeaderBytes];
        "BM"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(2), HeaderBytes + table.Length + pixels.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(10), HeaderBytes + table.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(18), 2);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(22), height);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(26), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(28), bits);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(30), compression);
        if (bits <= 8)
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(46), table.Length / 4);
        return [.. header, .. table, .. pixels];
    }
}
