namespace LoraRecycle.Core.Safetensors;

/// <summary>A header that was read and checked: what tensors the file holds and where, and the file's own notes.</summary>
internal sealed record SafetensorsHeader(
    IReadOnlyDictionary<string, SafetensorsEntry> Entries,
    IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The format's own limit on the header, in bytes.</summary>
    public const int FormatLength = 100_000_000;

    /// <summary>
    /// Most bytes of a header that are read: far more than that of any published model. The format allows 100 MB, which takes several
    /// times that in memory.
    /// </summary>
    public const int MaxLength = 16 << 20;

    /// <summary>Most tensors of a file. Models have some thousands.</summary>
    public const int MaxTensors = 100_000;

    /// <summary>Most notes of a file about itself. Programs that tune write about a hundred.</summary>
    public const int MaxNotes = 10_000;

    /// <summary>The key under which a header keeps notes instead of a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>Reads a header and checks it against the bytes that follow it.</summary>
    /// <param name="json">The header's text, without the eight bytes of its length.</param>
    /// <param name="dataLength">How many bytes follow the header in the file.</param>
    /// <exception cref="SafetensorsException">The header breaks a rule of the format.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength)
    {
        var header = SafetensorsHeaderParser.Parse(json);
        SafetensorsLayout.Check(header.Entries.Values, dataLength);
        return header;
    }
}
