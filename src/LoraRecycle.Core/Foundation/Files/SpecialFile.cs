using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace LoraRecycle.Core.Foundation.Files;

/// <summary>Names that lead to no stored bytes: devices, pipes and sockets. .NET calls them files like any other.</summary>
internal static partial class SpecialFile
{
    private const int FromHere = -100; // AT_FDCWD
    private const uint TypeAlone = 1; // STATX_TYPE
    private const int StatusLength = 256, ModeAt = 28; // the same on every processor
    private const int TypeMask = 0xF000, Regular = 0x8000, Folder = 0x4000;

    /// <summary>Whether there is one; what a link leads to counts. Elsewhere than on Linux, none is known.</summary>
    public static bool IsAt(string path)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        Span<byte> status = stackalloc byte[StatusLength];
        if (Status(FromHere, path, 0, TypeAlone, ref MemoryMarshal.GetReference(status)) != 0)
            return false;
        return (BinaryPrimitives.ReadUInt16LittleEndian(status[ModeAt..]) & TypeMask) is not (Regular or Folder);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, ref byte status);
}
