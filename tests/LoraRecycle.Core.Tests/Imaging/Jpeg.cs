namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>Changes to the JPEGs of the folder fixtures.</summary>
internal static class Jpeg
{
    /// <summary>Puts an EXIF segment with nothing but the orientation behind the start marker.</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] tiff = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0];
        byte[] body = [.. "Exif\0\0"u8, .. tiff];
        return [jpeg[0], jpeg[1], 0xFF, 0xE1, 0, (byte)(body.Length + 2), .. body, .. jpeg[2..]];
    }

    /// <summary>Writes other sizes into the frame header, and nothing else.</summary>
    public static byte[] WithSize(byte[] jpeg, ushort width, ushort height)
    {
        var changed = (byte[])jpeg.Clone();
        for (var at = 2; ; at += 2 + (changed[at + 2] << 8 | changed[at + 3]))
        {
            if (changed[at + 1] is not (0xC0 or 0xC2))
                continue;
            (changed[at + 5], changed[at + 6]) = ((byte)(height >> 8), (byte)height);
            (changed[at + 7], changed[at + 8]) = ((byte)(width >> 8), (byte)width);
            return changed;
        }
    }

    /// <summary>Where the last scan begins.</summary>
    public static int LastScan(byte[] jpeg) => jpeg.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
}
