using LoraRecycle.Core.Foundation;

namespace LoraRecycle.Core.Hub.Pulling;

/// <summary>Room on the disk of the cache.</summary>
internal static class DiskSpace
{
    private const string Remedy =
        "Free some, or set HF_HUB_CACHE to a folder on another disk; the same command goes on where this one stopped.";

    /// <exception cref="HubAccessException">There is less than is needed.</exception>
    public static void Require(string folder, long needed)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < needed)
            throw new HubAccessException(
                $"{folder}: expected {ByteText.Of(needed)} of free disk space, found {ByteText.Of(free)}. {Remedy}"
            );
    }

    public static HubAccessException Full(string folder, IOException full) => new($"{folder}: the disk is full. {Remedy}", full);

    /// <summary>ENOSPC and EDQUOT, and Windows' two errors of a full disk.</summary>
    public static bool IsFull(IOException exception) =>
        exception.HResult is 28 or 122 or 69 or unchecked((int)0x80070070) or unchecked((int)0x80070027);
}
