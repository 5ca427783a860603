using System.Buffers.Binary;

namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>Lossless WebPs written bit by bit.</summary>
internal sealed class WebP
{
    private readonly List<byte> _bytes = [];
    private int _bits;

    /// <summary>A picture of 16 x 16 whose one block names the group of Huffman codes with the highest number; the groups are not
    /// there.</summary>
    /// <param name="red">The number's high byte.</param>
    /// <param name="green">Its low one.</param>
    public static byte[] NamingGroups(byte red, byte green)
    {
        var webp = new WebP();
        webp.Write(0x2F, 8);
        webp.Write(15, 14);
        webp.Write(15, 14);
        webp.Write(0, 1 + 3 + 1 + 1); // no alpha, version, no transform, no cache of colours
        webp.Write(1, 1); // several groups
        webp.Write(2, 3); // of blocks of 16 pixels
        webp.Write(0, 1); // no cache
        foreach (var symbol in new[] { green, red, (byte)0, (byte)0, (byte)0 })
        {
            webp.Write(0b101, 3); // a simple code of one symbol of 8 bits
            webp.Write(symbol, 8);
        }
        webp.Write(0, 1); // some data of the groups, which do not go far
        for (var more = 0; more < 4; more++)
            webp.Write(0, 16);
        return webp.File();
    }

    private void Write(int value, int bits)
    {
        for (var bit = 0; bit < bits; bit++, _bits++)
        {
            if (_bits % 8 == 0)
                _bytes.Add(0);
            _bytes[^1] |= (byte)((value >> bit & 1) << _bits % 8);
        }
    }

    private byte[] File()
    {
        while (_bytes.Count % 2 != 0)
            _bytes.Add(0);
        byte[] file = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBPVP8L"u8, 0, 0, 0, 0, .. _bytes];
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), _bytes.Count);
        return file;
    }
}
