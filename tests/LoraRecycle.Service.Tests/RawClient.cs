using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LoraRecycle.Service.Tests;

/// <summary>A client that says what it likes: HTTP by hand on a socket.</summary>
internal sealed class RawClient(Uri address) : IDisposable
{
    private readonly TcpClient _client = new(address.Host, address.Port);

    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _client.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>Sends chunk after chunk until the server answers, stops reading, or has taken everything.</summary>
    public async Task<(long Sent, string Response)> SendChunksAsync(string first, string chunk, long bytes)
    {
        var response = ReadAsync();
        var framed = Encoding.ASCII.GetBytes($"{chunk.Length:x}\r\n{chunk}\r\n");
        var sent = 0L;
        try
        {
            await SendAsync(string.Create(CultureInfo.InvariantCulture, $"{first.Length:x}\r\n{first}\r\n"));
            while (sent < bytes && !response.IsCompleted)
            {
                await _client.GetStream().WriteAsync(framed, TestContext.Current.CancellationToken);
                sent += framed.Length;
            }
        }
        catch (IOException)
        {
            // The server has closed the connection, as it should; what it said before is in the response.
        }
        return (sent, await response);
    }

    /// <summary>Everything that the server sends until the end of a response, or of the connection.</summary>
    public async Task<string> ReadAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        try
        {
            while (!text.ToString().EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal)
                && await _client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (IOException) when (text.Length > 0)
        {
            // Reset after the response.
        }
        return text.ToString();
    }

    public void Dispose() => _client.Dispose();
}
