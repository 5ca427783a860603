using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LoraRecycle.Bench.Soak;

/// <summary>Clients that hang up, dawdle and send rubbish. Only a server error in what they are told counts.</summary>
internal sealed class RudeClients(Uri server, SoakOptions options, SoakLedger ledger)
{
    /// <summary>A request that ends in the middle of its body, or whose answer nobody waits for.</summary>
    public Task HangUpAsync(CancellationToken stop) => LoopAsync(TimeSpan.FromSeconds(0.5), async (socket, random) =>
    {
        var request = await EpisodeAsync();
        await socket.SendAsync(request.AsMemory(0, random.Next(3) == 0 ? request.Length : random.Next(1, request.Length)), stop);
        await Task.Delay(random.Next(50), stop);
        // Some with a reset, as a process that is killed does.
        if (random.Next(2) == 0) socket.LingerState = new LingerOption(true, 0);
        ledger.Answered("hang up", 0);
    }, stop);

    /// <summary>Requests with bytes that are not what they should be, in their heads, too.</summary>
    public Task RubbishAsync(CancellationToken stop) => LoopAsync(TimeSpan.FromSeconds(0.5), async (socket, random) =>
    {
        var request = await EpisodeAsync();
        var front = random.Next(2) == 0 ? 400 : request.Length;
        for (var i = random.Next(1, 40); i > 0; i--) request[random.Next(front)] = (byte)random.Next(256);
        await socket.SendAsync(request, stop);
        socket.Shutdown(SocketShutdown.Send);
        ledger.Answered("rubbish", await StatusAsync(socket, stop));
    }, stop);

    /// <summary>A body that comes a few bytes at a time, until the server has enough of it.</summary>
    public Task DawdleAsync(CancellationToken stop) => LoopAsync(TimeSpan.Zero, async (socket, _) =>
    {
        var request = await EpisodeAsync();
        var answer = StatusAsync(socket, stop);
        for (var sent = 0; sent < request.Length && !answer.IsCompleted; sent += 64)
        {
            await socket.SendAsync(request.AsMemory(sent, Math.Min(64, request.Length - sent)), stop);
            await Task.Delay(200, stop);
        }
        ledger.Answered("dawdle", await answer);
    }, stop);

    private async Task<byte[]> EpisodeAsync()
    {
        using var content = BenchEpisode.Fresh(options.Samples).ToSmallContent();
        var body = await content.ReadAsByteArrayAsync();
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /classify HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: close\r\nContent-Type: "
                + $"{content.Headers.ContentType}\r\nContent-Length: {body.Length}\r\n\r\n"
        );
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    private static async Task<int> StatusAsync(Socket socket, CancellationToken stop)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        try
        {
            while (await socket.ReceiveAsync(buffer, stop) is > 0 and var read) text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // Reset; what came before it counts.
        }
        return text.Length > 12 && int.TryParse(text.ToString(9, 3), CultureInfo.InvariantCulture, out var status) ? status : 0;
    }

    private async Task LoopAsync(TimeSpan pause, Func<Socket, Random, Task> visit, CancellationToken stop)
    {
        var random = new Random(1);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(server.Host, server.Port, stop);
                await visit(socket, random);
                await Task.Delay(pause, stop);
            }
            catch (SocketException)
            {
                // The server has closed on one that deserved it.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
