namespace LoraRecycle.Core.Imaging.Formats;

/// <summary>Which way up a picture is, from its EXIF data. Metadata that make no sense leave it as it is: they are no fault of the
/// pixels.</summary>
internal static class ExifOrientation
{
    public const int Upright = 1;

    private const ushort Tag = 0x0112;
    private const int EntryBytes = 12;
    private const ushort Byte = 1, Long = 4;

    /// <param name="exif">A TIFF header and its first directory, perhaps behind the marker that JPEGs put before it.</param>
    /// <returns>1 to 8; 1 where it is not told.</returns>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith("Exif\0\0"u8))
            exif = exif[6..];
        var bigEndian = exif.StartsWith("MM\0*"u8);
        if (!bigEndian && !exif.StartsWith("II*\0"u8))
            return Upright;

        var reader = new PictureReader(exif, bigEndian);
        reader.Skip(4);
        if (reader.Remaining < 4 || reader.UInt32() is var directory && directory > exif.Length - 2)
            return Upright;
        reader.Seek(directory);
        for (var entries = reader.UInt16(); entries > 0 && reader.Remaining >= EntryBytes; entries--)
        {
            var entry = new PictureReader(reader.Take(EntryBytes), bigEndian);
            if (entry.UInt16() != Tag)
                continue;
            var type = entry.UInt16();
            entry.Skip(4);
            // The standard has it as a short number; cameras and programs have written it in the other widths, too.
            return type switch
            {
                Byte => Checked(entry.UInt8()),
                Long => entry.UInt32() is <= 8 and var wide ? Checked((int)wide) : Upright,
                _ => Checked(entry.UInt16()),
            };
        }
        return Upright;
    }

    public static int Checked(int orientation) => orientation is >= 1 and <= 8 ? orientation : Upright;
}
