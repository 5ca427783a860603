namespace LoraRecycle.Core.Imaging.Vips;

/// <summary><c>lrv_status</c>.</summary>
internal enum VipsStatus
{
    Ok = 0,
    Unsupported = 1,
    Damaged = 2,
    Internal = 3,
}
