using System.Runtime.InteropServices;

namespace LoraRecycle.Core.Imaging.Vips;

/// <summary><c>lrv_header</c>, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct VipsHeader
{
    public readonly int Format;
    public readonly int Width;
    public readonly int Height;
    public readonly int Pages;
    public readonly int Bands;
    public readonly int BytesPerSample;
    public readonly int Interlaced;
    public readonly int Orientation;
    public readonly int HasAlpha;

    public ImageHeader ToImageHeader() =>
        new(VipsFormats.NameOf(Format), Width, Height, Pages, Bands, BytesPerSample, Interlaced != 0, Orientation, HasAlpha != 0);
}
