using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using LoraRecycle.Core.Foundation.Files;
using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Safetensors;

/// <summary>
/// Writes safetensors files byte for byte as the format's own library does: tensors in descending order of element type
/// and then by name, the header padded with spaces to a multiple of eight bytes.
/// </summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;
    private const int PieceLength = 1 << 26;

    /// <summary>Writes a file under a temporary name beside <paramref name="path"/> and renames it: nobody ever sees half a file.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="tensors">Names and values; any device and layout. They stay the caller's.</param>
    /// <param name="metadata">Notes to keep in the header.</param>
    /// <exception cref="SafetensorsException">Two tensors of one name, a reserved name, or an element type that the format
    /// lacks.</exception>
    /// <exception cref="IOException">The file cannot be written; nothing is left behind.</exception>
    public static void Write(
        string path, IEnumerable<(string Name, torch.Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors
            .OrderByDescending(tensor => tensor.Value.dtype.ToSafetensors())
            .ThenBy(tensor => tensor.Name, StringComparer.Ordinal)
            .ToArray();
        var header = Header(ordered, metadata);

        try
        {
            WholeFile.Write(path, stream =>
            {
                stream.Write(header);
                foreach (var (_, value) in ordered)
                    WriteData(stream, value);
            });
        }
        catch (ArgumentOutOfRangeException tooLarge)
        {
            // What .NET makes of EFBIG.
            throw new IOException(
                $"{path} cannot be written: the file is too large for the file system or for a limit of this process.",
                tooLarge
            );
        }
    }

    private static byte[] Header((string Name, torch.Tensor Value)[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataKey };
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            long offset = 0;
            foreach (var (name, value) in tensors)
            {
                if (!names.Add(name))
                    throw new SafetensorsException(
                        $"{Quote(name)} cannot be written: the name is taken by another tensor or by the format."
                    );
                offset = WriteEntry(json, name, value, offset);
            }

            json.WriteEndObject();
        }

        var padded = (buffer.WrittenCount + Alignment - 1) / Alignment * Alignment;
        if (padded > SafetensorsHeader.MaxLength || tensors.Length > SafetensorsHeader.MaxTensors)
            throw new SafetensorsException(
                $"{tensors.Length} tensors make a header of {padded} bytes; at most "
                    + $"{SafetensorsHeader.MaxTensors} tensors and {SafetensorsHeader.MaxLength} bytes can be read again."
            );
        var header = new byte[sizeof(ulong) + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)padded);
        buffer.WrittenSpan.CopyTo(header.AsSpan(sizeof(ulong)));
        header.AsSpan(sizeof(ulong) + buffer.WrittenCount).Fill((byte)' ');
        return header;
    }

    private static long WriteEntry(Utf8JsonWriter json, string name, torch.Tensor value, long offset)
    {
        var dtype = value.dtype.ToSafetensors();
        var end = offset + (value.numel() * dtype.Size());
        json.WriteStartObject(name);
        json.WriteString("dtype", dtype.ToString());
        json.WriteStartArray("shape");
        foreach (var size in value.shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }

    private static void WriteData(Stream stream, torch.Tensor value)
    {
        if (value.numel() == 0)
            return;
        using var scope = torch.NewDisposeScope();
        var flat = value.detach().cpu().contiguous().view(-1);
        var pieceElements = PieceLength / value.ElementSize;
        for (long start = 0; start < flat.numel(); start += pieceElements)
        {
            using var piece = flat.narrow(0, start, Math.Min(pieceElements, flat.numel() - start));
            stream.Write(piece.bytes);
        }
    }
}
