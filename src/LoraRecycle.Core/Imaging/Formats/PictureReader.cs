using System.Buffers.Binary;

namespace LoraRecycle.Core.Imaging.Formats;

/// <summary>Reads numbers in turn and never beyond the end: what is asked for there ends the reading with a refusal.</summary>
/// <param name="bytes">The file, or the part of it that holds what is read.</param>
/// <param name="bigEndian">Whether numbers have their highest byte first.</param>
internal ref struct PictureReader(ReadOnlySpan<byte> bytes, bool bigEndian)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public byte UInt8() => Take(1)[0];

    public ushort UInt16()
    {
        var two = Take(2);
        return bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(two) : BinaryPrimitives.ReadUInt16LittleEndian(two);
    }

    public uint UInt32()
    {
        var four = Take(4);
        return bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(four) : BinaryPrimitives.ReadUInt32LittleEndian(four);
    }

    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > Remaining)
            throw new ImageException(
                ImageFault.Damaged,
                "an image with a complete header",
                $"{_bytes.Length} bytes that end inside the header",
                Remedy.SendItWhole
            );
        var taken = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    public void Skip(long count) => Take(count);

    /// <summary>Goes to an offset that the file itself gives.</summary>
    public void Seek(long position)
    {
        Position = 0;
        Skip(position);
    }
}
