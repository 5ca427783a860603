using System.Buffers.Binary;

namespace LoraRecycle.Core.Imaging.Formats.Png;

/// <summary>Walks the chunks of a PNG, up to its end marker or the first one that is not all there.</summary>
internal ref struct PngChunks(ReadOnlySpan<byte> encoded)
{
    private const int Framing = 4 + 4 + 4; // length, type and checksum

    private readonly ReadOnlySpan<byte> _encoded = encoded;
    private int _next = PngChunk.Signature.Length;

    /// <summary>The chunk with its framing.</summary>
    public ReadOnlySpan<byte> Whole { get; private set; }

    public readonly ReadOnlySpan<byte> Data => Whole[8..^4];

    /// <summary>Whether the walk came to the end marker.</summary>
    public bool IsEnd { get; private set; }

    public readonly bool Is(ReadOnlySpan<byte> type) => Whole.Slice(4, 4).SequenceEqual(type);

    public bool Next()
    {
        var rest = _encoded[Math.Min(_next, _encoded.Length)..];
        if (rest.Length < Framing)
            return false;
        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > rest.Length - Framing)
            return false;
        Whole = rest[..((int)length + Framing)];
        _next += Whole.Length;
        IsEnd = Is("IEND"u8);
        return !IsEnd;
    }
}
