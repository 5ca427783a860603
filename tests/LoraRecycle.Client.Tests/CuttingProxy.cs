using System.Net;
using System.Net.Sockets;

namespace LoraRecycle.Client.Tests;

/// <summary>Passes bytes on to a server, and hangs up the first connections in the middle of what comes back.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Uri _server;
    private readonly int _bytes;
    private readonly Task _accepting;
    private int _cuts;

    /// <param name="server">Where the bytes go.</param>
    /// <param name="cuts">How many connections are cut.</param>
    /// <param name="bytes">After so many bytes of the answer.</param>
    public CuttingProxy(string server, int cuts, int bytes)
    {
        (_server, _cuts, _bytes) = (new Uri(server), cuts, bytes);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    public int CutsLeft => Math.Max(0, _cuts);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        var served = new List<Task>();
        try
        {
            while (true)
                served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_ended.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
        }
        await Task.WhenAll(served);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        using (client)
        using (var server = new TcpClient())
            try
            {
                await server.ConnectAsync(_server.Host, _server.Port, both.Token);
                var there = PumpAsync(client.GetStream(), server.GetStream(), int.MaxValue, both.Token);
                var most = Interlocked.Decrement(ref _cuts) >= 0 ? _bytes : int.MaxValue;
                await PumpAsync(server.GetStream(), client.GetStream(), most, both.Token);
                await both.CancelAsync();
                await there;
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException)
            {
            }
    }

    private static async Task PumpAsync(NetworkStream from, NetworkStream to, int most, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        for (var left = most; left > 0;)
        {
            var read = await from.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, left)), cancellation);
            if (read == 0)
                return;
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
            left -= read;
        }
    }
}
