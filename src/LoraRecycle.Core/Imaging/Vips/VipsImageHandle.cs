using System.Runtime.InteropServices;

namespace LoraRecycle.Core.Imaging.Vips;

/// <summary>Owns an <c>lrv_image</c>. The encoded bytes it was opened on must stay pinned until it is disposed.</summary>
internal sealed class VipsImageHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        VipsNative.Close(handle);
        return true;
    }
}
