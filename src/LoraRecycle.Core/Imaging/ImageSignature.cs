namespace LoraRecycle.Core.Imaging;

/// <summary>Names the kind of file that refused bytes look like, for the error message alone.</summary>
internal static class ImageSignature
{
    private static readonly (byte[] Prefix, string Name)[] Known =
    [
        ("II*\0"u8.ToArray(), "a TIFF"),
        ("MM\0*"u8.ToArray(), "a TIFF"),
        ("II+\0"u8.ToArray(), "a BigTIFF"),
        ("MM\0+"u8.ToArray(), "a BigTIFF"),
        ("%PDF"u8.ToArray(), "a PDF"),
        ("<svg"u8.ToArray(), "an SVG"),
        ("<?xml"u8.ToArray(), "XML or SVG"),
        ("<!DOC"u8.ToArray(), "a web page"),
        ("<html"u8.ToArray(), "a web page"),
        ("8BPS"u8.ToArray(), "a Photoshop file"),
        ("\0\0\0\fJXL "u8.ToArray(), "a JPEG XL"),
        ([0xFF, 0x0A], "a JPEG XL"),
        ("\0\0\0\fjP  "u8.ToArray(), "a JPEG 2000"),
        ("PK\u0003\u0004"u8.ToArray(), "a ZIP archive"),
        ([0x1F, 0x8B], "gzip-compressed data"),
    ];

    /// <summary>A noun phrase such as "a PDF" or "text".</summary>
    public static string Describe(ReadOnlySpan<byte> encoded)
    {
        foreach (var (prefix, name) in Known)
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
        return brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8) ? "a HEIF" : "a video file";
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
