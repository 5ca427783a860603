namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>Where things are in the GIFs of the folder fixtures.</summary>
internal static class Gif
{
    /// <summary>Bytes of the palette behind the canvas.</summary>
    public static int GlobalPaletteBytes(byte[] gif) => (gif[10] & 0x80) == 0 ? 0 : 3 << ((gif[10] & 7) + 1);
}
