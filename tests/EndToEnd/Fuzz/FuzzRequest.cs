using System.Globalization;
using System.Text;

namespace LoraRecycle.EndToEnd.Fuzz;

/// <summary>One part of a form: its headers as they go on the wire, and its content.</summary>
internal sealed record FormPart(string Headers, byte[] Content)
{
    /// <summary>A part as clients write it.</summary>
    public static FormPart Of(string name, byte[] content, string? fileName = null) =>
        new(
            $"Content-Disposition: form-data; name=\"{name}\""
                + (fileName is null ? "" : $"; filename=\"{fileName}\"\r\nContent-Type: application/octet-stream"),
            content
        );
}

/// <summary>A request as bytes, taken apart far enough to be changed.</summary>
internal sealed class FuzzRequest
{
    public const string Boundary = "----fuzz-boundary";

    public required string Method { get; set; }

    public required string Target { get; set; }

    public List<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The body where it is no form.</summary>
    public byte[] Body { get; set; } = [];

    /// <summary>The body where it is a form; null otherwise.</summary>
    public List<FormPart>? Parts { get; set; }

    /// <summary>What ends a form; changed to break it.</summary>
    public string FormEnd { get; set; } = $"--{Boundary}--\r\n";

    /// <summary>The length that is announced, where it is not the body's.</summary>
    public long? AnnouncedLength { get; set; }

    /// <summary>Whether the body goes in chunks of this many bytes; 0 for none.</summary>
    public int ChunkBytes { get; set; }

    /// <summary>Whether the client hangs up having sent it, so that there may be no answer.</summary>
    public bool HangsUp { get; set; }

    /// <summary>Whether the answer is a stream that may go on for long; its head is waited for, and no more.</summary>
    public bool IsStream { get; init; }

    /// <summary>What was done to it.</summary>
    public List<string> Changes { get; } = [];

    public static FuzzRequest Plain(string method, string target) => new() { Method = method, Target = target };

    public static FuzzRequest Json(string method, string target, string json) =>
        new() { Method = method, Target = target, Headers = [("Content-Type", "application/json")], Body = Encoding.UTF8.GetBytes(json) };

    public static FuzzRequest Form(string method, string target, IEnumerable<FormPart> parts) =>
        new()
        {
            Method = method,
            Target = target,
            Headers = [("Content-Type", $"multipart/form-data; boundary={Boundary}")],
            Parts = [.. parts],
        };

    /// <summary>Turns a form into plain bytes, to be changed as such.</summary>
    public void Flatten()
    {
        if (Parts is null)
            return;
        Body = WholeBody();
        Parts = null;
    }

    /// <summary>All of it as it goes on the wire. Whatever was changed, it asks for the connection to be closed.</summary>
    public byte[] Render()
    {
        var body = WholeBody();
        var head = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"{Method} {Target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        );
        foreach (var (name, value) in Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (ChunkBytes > 0)
            head.Append("Transfer-Encoding: chunked\r\n");
        else if (body.Length > 0 || Method is "POST" or "PUT" or "PATCH")
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {AnnouncedLength ?? body.Length}\r\n");
        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. ChunkBytes > 0 ? Chunked(body) : body];
    }

    private byte[] WholeBody()
    {
        if (Parts is null)
            return Body;
        var body = new List<byte>();
        foreach (var part in Parts)
        {
            body.AddRange(Encoding.UTF8.GetBytes($"--{Boundary}\r\n{part.Headers}\r\n\r\n"));
            body.AddRange(part.Content);
            body.AddRange("\r\n"u8);
        }
        body.AddRange(Encoding.UTF8.GetBytes(FormEnd));
        return [.. body];
    }

    private byte[] Chunked(byte[] body)
    {
        var chunks = new List<byte>();
        foreach (var chunk in body.Chunk(ChunkBytes))
        {
            chunks.AddRange(Encoding.ASCII.GetBytes($"{chunk.Length:x}\r\n"));
            chunks.AddRange(chunk);
            chunks.AddRange("\r\n"u8);
        }
        return [.. chunks, .. "0\r\n\r\n"u8];
    }
}
