using System.Buffers.Binary;

namespace LoraRecycle.Core.Imaging.Formats.WebP;

/// <summary>Walks the chunks of a WebP. The last one may be cut short, so that a header can be read off a part of a file.</summary>
internal ref struct WebPChunks(ReadOnlySpan<byte> encoded)
{
    private const int Framing = 8;

    private readonly ReadOnlySpan<byte> _encoded = encoded;
    private long _next = 12;

    public ReadOnlySpan<byte> Type { get; private set; }

    public ReadOnlySpan<byte> Data { get; private set; }

    public bool IsWhole { get; private set; }

    public readonly bool Is(ReadOnlySpan<byte> type) => Type.SequenceEqual(type);

    public bool Next()
    {
        if (_next + Framing > _encoded.Length)
            return false;
        var chunk = _encoded[(int)_next..];
        var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        Type = chunk[..4];
        IsWhole = length <= chunk.Length - Framing;
        Data = IsWhole ? chunk.Slice(Framing, (int)length) : chunk[Framing..];
        _next += Framing + length + (length & 1);
        return true;
    }
}
