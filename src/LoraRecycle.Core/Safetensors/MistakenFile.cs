namespace LoraRecycle.Core.Safetensors;

/// <summary>What is often found under the name of a safetensors file that was not downloaded as it should be.</summary>
internal static class MistakenFile
{
    /// <summary>How many bytes of a file are enough to tell.</summary>
    public const int StartLength = 48;

    private static readonly (byte[] Start, string Found)[] Known =
    [
        (
            "version https://git-lfs"u8.ToArray(),
            "it is a pointer of Git LFS and not the file that it stands for; run 'git lfs pull', or download the file itself."
        ),
        ("<!DOCTYPE"u8.ToArray(), WebPage),
        ("<!doctype"u8.ToArray(), WebPage),
        ("<html"u8.ToArray(), WebPage),
        ("PK\u0003\u0004"u8.ToArray(), Pickle),
        ([0x80, 2, (byte)'}'], Pickle),
        ([0x80, 2, 0x8A], Pickle),
    ];

    private const string WebPage = "it is a web page, saved under this name; download the file itself, not the page that shows it.";
    private const string Pickle = "it is weights that PyTorch pickled, or a zip archive, under this name; save them as safetensors.";

    /// <param name="start">The first bytes of the file, at least <see cref="StartLength"/> where it has them.</param>
    /// <returns>A sentence about it; null where it is none of these.</returns>
    public static string? Found(ReadOnlySpan<byte> start)
    {
        // A header's length of so many bytes would say the same, but then its JSON begins at the ninth.
        if (start.Length > sizeof(ulong) && start[sizeof(ulong)] == (byte)'{')
            return null;
        foreach (var (known, found) in Known)
        {
            if (start.StartsWith(known))
                return found;
        }
        return null;
    }
}
