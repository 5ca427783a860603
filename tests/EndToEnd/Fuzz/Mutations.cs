using System.Buffers.Binary;
using System.Text;

namespace LoraRecycle.EndToEnd.Fuzz;

/// <summary>Changes of bytes and texts, whatever they mean.</summary>
internal static class Mutations
{
    public static T Pick<T>(this Random random, IReadOnlyList<T> among) => among[random.Next(among.Count)];

    /// <summary>One change of some bytes; never none of any.</summary>
    public static byte[] Bytes(Random random, byte[] bytes)
    {
        if (bytes.Length == 0)
            return Encoding.UTF8.GetBytes(random.Pick(Nasty.Texts));
        var at = random.Next(bytes.Length);
        // The front is where formats have what is worth breaking.
        if (random.Next(2) == 0)
            at = random.Next(Math.Min(bytes.Length, 200));
        var length = Math.Min(bytes.Length - at, 1 + random.Next(64));
        switch (random.Next(8))
        {
            case 0:
                return bytes[..at];
            case 1:
                return bytes[at..];
            case 2:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 3:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 4:
                var noise = new byte[length];
                random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[(at + length)..]];
            case 5:
                return [.. bytes[..at], .. new byte[length], .. bytes[(at + length)..]];
            case 6:
                var copy = bytes.ToArray();
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
            default:
                var numbered = bytes.ToArray();
                Span<byte> number = stackalloc byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(number, random.Pick(Numbers));
                number[..Math.Min(1 << random.Next(4), bytes.Length - at)].CopyTo(numbered.AsSpan(at));
                return numbered;
        }
    }

    /// <summary>One value of a JSON text put in the place of another, a member doubled, or bytes changed.</summary>
    public static byte[] Json(Random random, byte[] json)
    {
        var text = Encoding.UTF8.GetString(json);
        var values = JsonSpans.Of(text);
        if (values.Count == 0 || random.Next(6) == 0)
            return Bytes(random, json);
        var (start, end) = random.Pick(values);
        var other = random.Pick(values);
        return Encoding.UTF8.GetBytes(random.Next(8) switch
        {
            0 => text[..end] + "," + text[start..], // twice
            1 => text[..start] + text[end..],
            2 => text[..start] + "[" + text[start..end] + "]" + text[end..],
            3 => text[..start] + text[other.Start..other.End] + text[end..],
            _ => text[..start] + random.Pick(Nasty.Json) + text[end..],
        });
    }

    private static IReadOnlyList<long> Numbers { get; } =
    [0, 1, -1, long.MaxValue, long.MinValue, int.MaxValue, uint.MaxValue, 1L << 40, 100, 8, 65535, 1 << 24];
}
