using System.IO.Compression;
using System.Text;

namespace LoraRecycle.EndToEnd.Fuzz;

/// <summary>Changes a good request into one that may be anything.</summary>
internal static class Mutator
{
    private static readonly (string Name, int Weight, Action<Random, FuzzRequest> Change)[] Kinds =
    [
        ("body", 10, ChangeBody),
        ("bytes of the body", 3, (random, request) =>
        {
            request.Flatten();
            request.Body = Mutations.Bytes(random, request.Body);
        }),
        ("header", 4, (random, request) =>
        {
            var header = random.Pick(Nasty.Headers);
            if (random.Next(2) == 0)
                request.Headers.RemoveAll(other => other.Name == header.Name);
            request.Headers.Add(header);
            // Whoever sends both frames the body in two ways; what comes of it is for the server to end.
            request.HangsUp |= header.Name is "Content-Length" or "Transfer-Encoding" or "Upgrade";
        }),
        ("no header", 1, (_, request) => request.Headers.Clear()),
        (
            "path",
            3,
            (random, request) =>
            {
                var segments = request.Target.Split('?')[0].Split('/');
                var at = 1 + random.Next(segments.Length - 1);
                segments[at] = random.Next(3) switch
                {
                    0 => segments[at] + random.Pick(Nasty.Texts),
                    1 => segments[at].ToUpperInvariant(),
                    _ => random.Pick(Nasty.Texts),
                };
                request.Target = $"/{string.Join('/', segments.Skip(1)).Replace(' ', '+')}{(random.Next(6) == 0 ? "/" : "")}";
            }
        ),
        (
            "query",
            2,
            (random, request) =>
            {
                var name = random.Pick((string[])["id", "page", "limit", "offset", "after", "metaLora", "filter", "", "name"]);
                request.Target = $"{request.Target}?{name}={random.Pick(Nasty.Texts)}&{random.Pick(Nasty.Texts)}".Replace(' ', '+');
            }
        ),
        ("method", 2, (random, request) => request.Method = random.Pick(Nasty.Methods)),
        ("chunks", 1, (random, request) => request.ChunkBytes = random.Pick((int[])[1 << 10, 7, 100_000])),
        (
            "length",
            1,
            (random, request) =>
            {
                request.Flatten();
                request.AnnouncedLength =
                    random.Next(2) == 0 ? request.Body.Length + random.Next(1, 100_000) : random.Next(request.Body.Length + 1);
                request.HangsUp = true;
            }
        ),
        (
            "compression",
            2,
            (random, request) =>
            {
                request.Flatten();
                using var packed = new MemoryStream();
                using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                    gzip.Write(random.Next(10) == 0 ? new byte[8 << 20] : request.Body);
                request.Headers.Add(("Content-Encoding", "gzip"));
                request.Body = random.Next(2) == 0 ? packed.ToArray() : Mutations.Bytes(random, packed.ToArray());
            }
        ),
    ];

    private static readonly int Weights = Kinds.Sum(kind => kind.Weight);

    /// <summary>One to three changes, told in <see cref="FuzzRequest.Changes"/>.</summary>
    public static void Change(Random random, FuzzRequest request)
    {
        for (var changes = 1 + random.Next(3); changes > 0; changes--)
        {
            var at = random.Next(Weights);
            var kind = Kinds.First(kind => (at -= kind.Weight) < 0);
            kind.Change(random, request);
            request.Changes.Add(kind.Name);
        }
    }

    private static void ChangeBody(Random random, FuzzRequest request)
    {
        if (request.Parts is { Count: > 0 })
            ChangePart(random, request, request.Parts);
        else
            request.Body =
                request.Body.Length > 0 && request.Body[0] == (byte)'{'
                    ? Mutations.Json(random, request.Body)
                    : Mutations.Bytes(random, request.Body);
    }

    private static void ChangePart(Random random, FuzzRequest request, List<FormPart> parts)
    {
        var at = random.Next(parts.Count);
        switch (random.Next(12))
        {
            case 0:
                parts.RemoveAt(at);
                break;
            case 1:
                parts.Add(parts[at]);
                break;
            case 2:
                parts[at] = FormPart.Of(
                    random.Pick(Nasty.Texts),
                    parts[at].Content,
                    random.Next(2) == 0 ? random.Pick(Nasty.FileNames) : null
                );
                break;
            case 3:
                parts[at] = FormPart.Of("file", parts[at].Content, random.Pick(Nasty.FileNames));
                break;
            case 4:
                parts[at] = parts[at] with
                {
                    Headers = Encoding.UTF8.GetString(Mutations.Bytes(random, Encoding.UTF8.GetBytes(parts[at].Headers))),
                };
                break;
            case 5:
                request.FormEnd = random.Pick(
                    (string[])["", "--", $"--{FuzzRequest.Boundary}", $"--{FuzzRequest.Boundary}--", $"--{FuzzRequest.Boundary}\r\n\r\n"]
                );
                break;
            case 6:
                parts[at] = parts[at] with { Content = [] };
                break;
            case 7:
                parts.AddRange(Enumerable.Repeat(parts[at], random.Next(2, 40)));
                break;
            default:
                parts[at] = parts[at] with { Content = FileMutations.Change(random, parts[at].Content) };
                break;
        }
    }
}
