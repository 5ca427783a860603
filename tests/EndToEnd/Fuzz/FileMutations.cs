using System.Buffers.Binary;
using System.IO.Compression;

namespace LoraRecycle.EndToEnd.Fuzz;

/// <summary>Changes of files by what they are, so that what is wrong lies deeper than their first bytes.</summary>
internal static class FileMutations
{
    public static byte[] Change(Random random, byte[] file)
    {
        if (random.Next(3) == 0)
            return Mutations.Bytes(random, file);
        if (file.AsSpan().StartsWith("PK\u0003\u0004"u8))
            return Zip(random, file);
        if (file.Length > 16 && file[0] == (byte)'{')
            return Mutations.Json(random, file);
        if (
            file.Length > 16
            && file[8] == (byte)'{'
            && BinaryPrimitives.ReadInt64LittleEndian(file) is var header
            && header > 0
            && header <= file.Length - 8
        )
            return Safetensors(random, file, (int)header);
        return Mutations.Bytes(random, file);
    }

    /// <summary>Its header changed as JSON, its length right or not, its numbers as they were or not finite.</summary>
    private static byte[] Safetensors(Random random, byte[] file, int length)
    {
        var (header, data) = (file[8..(8 + length)], file[(8 + length)..]);
        switch (random.Next(4))
        {
            case 0:
                for (var i = 0; i + 1 < data.Length && i < 64; i += 2)
                    // Infinity and not a number, as halves.
                    BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(i), (ushort)(random.Next(2) == 0 ? 0x7c00 : 0x7e00));
                break;
            case 1:
                data = data[..random.Next(data.Length + 1)];
                break;
            default:
                header = Mutations.Json(random, header);
                break;
        }
        var announced = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(announced, random.Next(8) == 0 ? random.NextInt64() : header.Length);
        return [.. announced, .. header, .. data];
    }

    /// <summary>The archive written anew with an entry that is renamed, changed, doubled, missing, or a bomb.</summary>
    private static byte[] Zip(Random random, byte[] file)
    {
        List<(string Name, byte[] Content)> entries;
        try
        {
            entries = Unpack(file);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException or ArgumentException)
        {
            return Mutations.Bytes(random, file); // broken by a change before
        }
        if (entries.Count == 0)
            return Mutations.Bytes(random, file);
        var at = random.Next(entries.Count);
        switch (random.Next(6))
        {
            case 0:
                entries[at] = (random.Pick(Nasty.FileNames), entries[at].Content);
                break;
            case 1:
                entries.Add(entries[at]);
                break;
            case 2:
                entries.RemoveAt(at);
                break;
            case 3:
                entries[at] = (entries[at].Name, new byte[random.Next(1, 8) << 20]);
                break;
            case 4:
                entries.AddRange(Enumerable.Range(0, 80).Select(i => ($"{i}/README.md", Array.Empty<byte>())));
                break;
            default:
                entries[at] = (entries[at].Name, Change(random, entries[at].Content));
                break;
        }
        return Pack(entries);
    }

    private static List<(string Name, byte[] Content)> Unpack(byte[] file)
    {
        var entries = new List<(string, byte[])>();
        using var source = new ZipArchive(new MemoryStream(file));
        foreach (var entry in source.Entries)
        {
            using var content = entry.Open();
            using var copy = new MemoryStream();
            content.CopyTo(copy);
            entries.Add((entry.FullName, copy.ToArray()));
        }
        return entries;
    }

    public static byte[] Pack(IEnumerable<(string Name, byte[] Content)> entries)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in entries.Where(entry => entry.Name.Length > 0)) // which the library does not write
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(content);
            }
        return stream.ToArray();
    }
}
