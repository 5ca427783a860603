namespace LoraRecycle.Core.Imaging.Vips;

/// <summary>The formats the native side knows, as bits of an allow-list; numbered as in native/lorarecycle_vips.h.</summary>
internal static class VipsFormats
{
    public const string Jpeg = "JPEG";
    public const string Png = "PNG";
    public const string WebP = "WebP";
    public const string Gif = "GIF";
    public const string Tiff = "TIFF";
    public const string Heif = "HEIF";

    private static readonly string[] InBitOrder = [Jpeg, Png, WebP, Gif, Tiff, Heif];

    /// <summary>The bits of the formats that <paramref name="options"/> let in.</summary>
    public static int AllowedBy(ImageDecoderOptions options) =>
        0b1111 | (options.AllowTiff ? 0b01_0000 : 0) | (options.AllowHeif ? 0b10_0000 : 0);

    public static string NameOf(int bit) => InBitOrder[int.TrailingZeroCount(bit)];

    /// <summary>"JPEG, PNG, WebP or GIF", for messages.</summary>
    public static string List(int bits)
    {
        var names = InBitOrder.Where((_, i) => (bits & (1 << i)) != 0).ToArray();
        return $"{string.Join(", ", names[..^1])} or {names[^1]}";
    }
}
