using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>Writes PNGs of any colour type, depth and interlacing, sound or not.</summary>
internal static class Png
{
    public const byte Grey = 0;
    public const byte Rgb = 2;
    public const byte Palette = 3;
    public const byte GreyAlpha = 4;
    public const byte Rgba = 6;

    /// <summary>A picture whose pixels <paramref name="pixel"/> gives as bytes; the depth is 8 or 16.</summary>
    public static byte[] Of(
        int width,
        int height,
        byte colourType,
        byte depth,
        Func<int, int, byte[]> pixel,
        bool interlaced = false,
        params (string Type, byte[] Data)[] chunks
    )
    {
        var rows = new MemoryStream();
        foreach (var (left, top, stepX, stepY) in interlaced ? Adam7 : [(0, 0, 1, 1)])
        {
            for (var y = top; y < height; y += stepY)
            {
                if (left >= width)
                    continue;
                rows.WriteByte(0); // no filter
                for (var x = left; x < width; x += stepX)
                    rows.Write(pixel(x, y));
            }
        }
        return Assemble(Header(width, height, colourType, depth, interlaced), chunks, Compress(rows.ToArray()));
    }

    /// <summary>A picture of zeros whose rows are never held in memory: large on paper, small as a file.</summary>
    public static byte[] OfZeros(int width, int height)
    {
        var row = new byte[1 + width];
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
                zlib.Write(row);
        }
        return Assemble(Header(width, height, Grey, 8, interlaced: false), [], compressed.ToArray());
    }

    /// <summary>The same file with another height in its header.</summary>
    public static byte[] WithHeight(byte[] png, int height)
    {
        var changed = (byte[])png.Clone();
        BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(29), Crc32(changed[12..29]));
        return changed;
    }

    private static readonly (int Left, int Top, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private static byte[] Header(int width, int height, byte colourType, byte depth, bool interlaced)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = depth;
        header[9] = colourType;
        header[12] = (byte)(interlaced ? 1 : 0);
        return header;
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(bytes);
        return compressed.ToArray();
    }

    private static byte[] Assemble(byte[] header, (string Type, byte[] Data)[] chunks, byte[] pixels)
    {
        var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        foreach (var (type, data) in (ReadOnlySpan<(string, byte[])>)[("IHDR", header), .. chunks, ("IDAT", pixels), ("IEND", [])])
            WriteChunk(file, type, data);
        return file.ToArray();
    }

    private static void WriteChunk(MemoryStream file, string type, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(body));
        file.Write(number);
    }

    private static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
