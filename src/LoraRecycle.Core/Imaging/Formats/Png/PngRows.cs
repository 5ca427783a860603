using System.Buffers;
using System.IO.Compression;

namespace LoraRecycle.Core.Imaging.Formats.Png;

/// <summary>
/// The rows that a PNG's pixels are stored in. They are counted before the codec is asked: it fills in what is missing
/// without a word, and of an interlaced picture that is cut short it never comes to an end.
/// </summary>
internal sealed class PngRows
{
    private const int BufferBytes = 1 << 16;

    // Of each pass of an interlaced picture: where it begins, and how far apart its pixels are.
    private static readonly (int Left, int Top, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private readonly List<(long Rows, long BytesPerRow)> _passes = [];

    private PngRows() { }

    public static PngRows Of(ImageHeader header, int bitsPerPixel)
    {
        var all = new PngRows();
        foreach (var (left, top, stepX, stepY) in header.Interlaced ? Adam7 : [(0, 0, 1, 1)])
        {
            var (columns, rows) = ((header.Width - left + stepX - 1) / stepX, (header.Height - top + stepY - 1) / stepY);
            if (columns > 0 && rows > 0)
                all._passes.Add((rows, 1 + ((long)columns * bitsPerPixel + 7) / 8)); // each row has its filter before it
        }
        return all;
    }

    public long Count => _passes.Sum(pass => pass.Rows);

    /// <summary>How many rows can be inflated.</summary>
    public long CountWhole(Stream compressed)
    {
        var bytes = Inflated(compressed, _passes.Sum(pass => pass.Rows * pass.BytesPerRow));
        long whole = 0;
        foreach (var (rows, bytesPerRow) in _passes)
        {
            var here = Math.Min(rows, bytes / bytesPerRow);
            whole += here;
            bytes -= here * bytesPerRow;
            if (here < rows)
                break;
        }
        return whole;
    }

    private static long Inflated(Stream compressed, long wanted)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        long bytes = 0;
        try
        {
            using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
            while (bytes < wanted && zlib.Read(buffer) is var read && read > 0)
                bytes += read;
        }
        catch (InvalidDataException)
        {
            // What came before counts.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return bytes;
    }
}
