using System.Buffers.Binary;

namespace LoraRecycle.Bench;

/// <summary>
/// A 5-way 1-shot episode with 25 queries of real photographs. A number behind each file's end makes its bytes new, so that
/// no cache answers; decoders ignore it.
/// </summary>
internal sealed class BenchEpisode
{
    private const int Ways = 5, QueriesPerClass = 5;

    private static long _number;

    private BenchEpisode(IReadOnlyList<(string Label, byte[] Bytes)> support, IReadOnlyList<byte[]> queries) =>
        (Support, Queries) = (support, queries);

    public IReadOnlyList<(string Label, byte[] Bytes)> Support { get; }

    public IReadOnlyList<byte[]> Queries { get; }

    public IReadOnlyList<byte[]> Images => [.. Support.Select(image => image.Bytes), .. Queries];

    public static BenchEpisode Fresh(string samples)
    {
        var classes = Directory
            .GetDirectories(samples)
            .Order(StringComparer.Ordinal)
            .Take(Ways)
            .Select(folder => (Label: Path.GetFileName(folder), Files: Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToArray()))
            .ToArray();
        return new BenchEpisode(
            [.. classes.Select(c => (c.Label, Numbered(c.Files[0])))],
            [.. classes.SelectMany(c => c.Files.Skip(1).Take(QueriesPerClass)).Select(Numbered)]);
    }

    public MultipartFormDataContent ToContent()
    {
        var content = new MultipartFormDataContent();
        foreach (var (label, bytes) in Support) content.Add(new ByteArrayContent(bytes), $"support[{label}]", "image.jpg");
        foreach (var bytes in Queries) content.Add(new ByteArrayContent(bytes), "query", "image.jpg");
        return content;
    }

    /// <summary>Two classes of one image, and one query, so that many fit.</summary>
    public MultipartFormDataContent ToSmallContent()
    {
        var content = new MultipartFormDataContent();
        foreach (var (label, bytes) in Support.Take(2)) content.Add(new ByteArrayContent(bytes), $"support[{label}]", "image.jpg");
        content.Add(new ByteArrayContent(Queries[0]), "query", "image.jpg");
        return content;
    }

    private static byte[] Numbered(string file)
    {
        var bytes = File.ReadAllBytes(file);
        Array.Resize(ref bytes, bytes.Length + sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(bytes.Length - sizeof(long)), Interlocked.Increment(ref _number));
        return bytes;
    }
}
