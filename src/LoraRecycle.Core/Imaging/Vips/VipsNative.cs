using System.Runtime.InteropServices;

namespace LoraRecycle.Core.Imaging.Vips;

/// <summary>The functions of native/lorarecycle_vips.h.</summary>
internal static unsafe partial class VipsNative
{
    public const string Library = "lorarecycle_vips";

    [LibraryImport(Library, EntryPoint = "lrv_allow")]
    public static partial VipsStatus Allow(int formats);

    [LibraryImport(Library, EntryPoint = "lrv_open")]
    public static partial VipsStatus Open(byte* data, nuint length, int formats, out VipsImageHandle image, out VipsHeader header);

    [LibraryImport(Library, EntryPoint = "lrv_decode")]
    public static partial VipsStatus Decode(VipsImageHandle image, byte* pixels, nuint length, out int rows);

    [LibraryImport(Library, EntryPoint = "lrv_close")]
    public static partial void Close(nint image);

    [LibraryImport(Library, EntryPoint = "lrv_tracked_bytes")]
    public static partial long TrackedBytes();

    [LibraryImport(Library, EntryPoint = "lrv_tracked_files")]
    public static partial int TrackedFiles();

    [LibraryImport(Library, EntryPoint = "lrv_tracked_high_water")]
    public static partial long TrackedHighWater();
}
