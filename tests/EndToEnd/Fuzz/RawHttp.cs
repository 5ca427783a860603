using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LoraRecycle.EndToEnd.Fuzz;

/// <summary>An answer, taken apart by hand: a client library would refuse some that must be looked at.</summary>
/// <param name="Status">0 when the connection ended without one.</param>
/// <param name="Headers">By name, whatever its case.</param>
/// <param name="Body">Decoded from its chunks.</param>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public static RawAnswer None { get; } = new(0, new Dictionary<string, string>(), []);

    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>HTTP on a socket of its own for each request.</summary>
internal static class RawHttp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="server">Where to send it.</param>
    /// <param name="request">All of it.</param>
    /// <param name="hangsUp">Whether to close this side of the connection after it.</param>
    /// <param name="isStream">Whether a good answer is read no further than its head.</param>
    /// <exception cref="TimeoutException">There was no answer, and no end of the connection, for a minute.</exception>
    public static async Task<RawAnswer> SendAsync(Uri server, byte[] request, bool hangsUp, bool isStream)
    {
        using var cancellation = new CancellationTokenSource(Patience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellation.Token);
            var sending = SendAsync(socket, request, hangsUp, cancellation.Token);
            var bytes = await ReadAsync(socket, isStream, cancellation.Token);
            await sending;
            return Parse(bytes);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"There was no answer for {Patience.TotalSeconds:0} s.");
        }
    }

    private static async Task SendAsync(Socket socket, byte[] request, bool hangsUp, CancellationToken cancellation)
    {
        try
        {
            for (var sent = 0; sent < request.Length;)
                sent += await socket.SendAsync(request.AsMemory(sent), cancellation);
            if (hangsUp)
                socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server has answered and closed without reading the rest, as it may.
        }
    }

    private static async Task<byte[]> ReadAsync(Socket socket, bool isStream, CancellationToken cancellation)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[16 << 10];
        try
        {
            while (await socket.ReceiveAsync(buffer, cancellation) is > 0 and var read)
            {
                bytes.Write(buffer, 0, read);
                if (
                    isStream
                    && bytes.GetBuffer().AsSpan(0, (int)bytes.Length) is var so
                    && so.StartsWith("HTTP/1.1 2"u8)
                    && so.IndexOf("\r\n\r\n"u8) > 0
                )
                    break;
            }
        }
        catch (SocketException)
        {
            // Reset: what came before it counts.
        }
        return bytes.ToArray();
    }

    private static RawAnswer Parse(byte[] bytes)
    {
        while (true)
        {
            var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
            if (end < 0)
                return RawAnswer.None;
            var lines = Encoding.Latin1.GetString(bytes, 0, end).Split("\r\n");
            var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
            bytes = bytes[(end + 4)..];
            if (status < 200)
                continue; // 100 Continue
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var line in lines.Skip(1))
                headers[line.Split(':')[0]] = line.Split(':', 2)[1].Trim();
            return new RawAnswer(status, headers, headers.GetValueOrDefault("Transfer-Encoding") == "chunked" ? Dechunk(bytes) : bytes);
        }
    }

    private static byte[] Dechunk(byte[] bytes)
    {
        var body = new List<byte>();
        for (var at = 0; at < bytes.Length;)
        {
            var line = bytes.AsSpan(at).IndexOf("\r\n"u8);
            if (
                line < 0
                || !int.TryParse(
                    Encoding.ASCII.GetString(bytes, at, line),
                    NumberStyles.HexNumber,
                    CultureInfo.InvariantCulture,
                    out var length
                )
                || length == 0
            )
                break;
            at += line + 2;
            body.AddRange(bytes.AsSpan(at, Math.Min(length, bytes.Length - at)));
            at += length + 2;
        }
        return [.. body];
    }
}
