namespace LoraRecycle.Core.Imaging;

/// <summary>Tells by its first bytes what kind of file something is: whether it is a picture, and what refused bytes look
/// like.</summary>
internal static class ImageSignature
{
    /// <summary>How many bytes of a file are enough.</summary>
    public const int Length = 32;

    private const int BitmapHeaderAt = 14;
    private const string Film = "a video file";

    // Those that are decoded have no name here, as nobody is told to convert them; "BM" alone may be the start of a text.
    private static readonly byte[][] Decoded = [[0xFF, 0xD8, 0xFF], [0x89, .. "PNG\r\n"u8], "GIF87a"u8.ToArray(), "GIF89a"u8.ToArray()];

    private static readonly (byte[] Prefix, string Name, bool IsPicture)[] Known =
    [
        ("II*\0"u8.ToArray(), "a TIFF", true),
        ("MM\0*"u8.ToArray(), "a TIFF", true),
        ("II+\0"u8.ToArray(), "a BigTIFF", true),
        ("MM\0+"u8.ToArray(), "a BigTIFF", true),
        ("%PDF"u8.ToArray(), "a PDF", false),
        ("<svg"u8.ToArray(), "an SVG", false),
        ("<?xml"u8.ToArray(), "XML or SVG", false),
        ("<!DOC"u8.ToArray(), "a web page", false),
        ("<html"u8.ToArray(), "a web page", false),
        ("version https://git-lfs"u8.ToArray(), "a pointer of Git LFS, not the file that it stands for", false),
        ("8BPS"u8.ToArray(), "a Photoshop file", false),
        ("\0\0\0\fJXL "u8.ToArray(), "a JPEG XL", true),
        ([0xFF, 0x0A], "a JPEG XL", true),
        ("\0\0\0\fjP  "u8.ToArray(), "a JPEG 2000", true),
        ("PK\u0003\u0004"u8.ToArray(), "a ZIP archive", false),
        ([0x1F, 0x8B], "gzip-compressed data", false),
    ];

    /// <summary>Whether a file is a picture of a kind that is known, accepted or not, whole or damaged.</summary>
    /// <param name="start">Its first bytes, at least <see cref="Length"/> where it has them.</param>
    public static bool IsPicture(ReadOnlySpan<byte> start)
    {
        foreach (var prefix in Decoded)
        {
            if (start.StartsWith(prefix))
                return true;
        }
        foreach (var (prefix, _, isPicture) in Known)
        {
            if (isPicture && start.StartsWith(prefix))
                return true;
        }
        if (start.Length < 12)
            return false;
        if (start.StartsWith("RIFF"u8))
            return start[8..12].SequenceEqual("WEBP"u8);
        if (start[4..8].SequenceEqual("ftyp"u8))
            return OfBrand(start[8..12]) != Film;
        // The two reserved numbers are zero, and the header that follows has a length of its own.
        return start.StartsWith("BM"u8) && start.Length > BitmapHeaderAt + 3
            && start[6..10].IndexOfAnyExcept((byte)0) < 0
            && start[BitmapHeaderAt] is >= 12 and <= 124 && start[(BitmapHeaderAt + 1)..(BitmapHeaderAt + 4)].IndexOfAnyExcept((byte)0) < 0;
    }

    /// <summary>A noun phrase such as "a PDF" or "text".</summary>
    public static string Describe(ReadOnlySpan<byte> encoded)
    {
        foreach (var (prefix, name, _) in Known)
        {
            if (encoded.StartsWith(prefix))
                return name;
        }
        if (encoded.Length >= 12 && encoded[4..8].SequenceEqual("ftyp"u8))
            return OfBrand(encoded[8..12]);
        return IsText(encoded[..Math.Min(encoded.Length, 256)]) ? "a text file" : "a file of an unknown kind";
    }

    /// <summary>Phones' pictures and films share a container; its brand tells them apart.</summary>
    private static string OfBrand(ReadOnlySpan<byte> brand)
    {
        if (brand.StartsWith("avi"u8))
            return "an AVIF";
        if (brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8))
            return "a HEIC (HEIF)";
        return brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8) ? "a HEIF" : Film;
    }

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            if (value is < 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r'))
                return false;
        }
        return true;
    }
}
