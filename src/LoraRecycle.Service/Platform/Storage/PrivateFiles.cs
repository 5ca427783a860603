using System.Runtime.InteropServices;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>
/// What the service writes is for its own user alone: pictures of people, the database, LoRAs. Libraries write some of it, so the
/// process itself makes no file that others can read.
/// </summary>
internal static partial class PrivateFiles
{
    private const uint GroupAndOthers = 0b111_111;

    /// <summary>From now on, directories are made with the mode 0700 and files with 0600.</summary>
    public static void KeepToOwner()
    {
        if (!OperatingSystem.IsWindows())
            _ = SetMask(GroupAndOthers);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetMask(uint mask);
}
