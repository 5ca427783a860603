using System.Diagnostics;

namespace LoraRecycle.Bench.Soak;

/// <summary>A real server process at full load for minutes, with bad company.</summary>
internal static class SoakBenchmark
{
    // What caches, pools and compiled code may still take after the warm-up.
    private const double MegabytesAllowed = 50, FilesAllowed = 20, ThreadsAllowed = 10;

    /// <returns>0; 1 when the server failed a request, logged an error, or took more and more.</returns>
    public static async Task<int> RunAsync(SoakOptions options)
    {
        var storage = Directory.CreateTempSubdirectory("lora-recycle-soak-");
        try
        {
            // A small cache, so that it is full long before the end; the deadline is no matter of a machine at full load.
            using var server = ServerProcess.Start(
                options.Server,
                [
                    $"--Storage:Directory={storage.FullName}",
                    "--Cache:Bytes=4194304",
                    "--Health:Deadline=00:01:00",
                    "--Serilog:MinimumLevel:Default=Warning",
                    .. options.Settings,
                ]
            );
            using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 })
            {
                BaseAddress = server.Url,
                Timeout = TimeSpan.FromMinutes(2),
            };
            await server.WaitUntilReadyAsync(http);
            return await RunAsync(options, server, http);
        }
        finally
        {
            storage.Delete(recursive: true);
        }
    }

    private static async Task<int> RunAsync(SoakOptions options, ServerProcess server, HttpClient http)
    {
        var (ledger, curve, clock) = (new SoakLedger(), new ProcessCurve(server.Id), Stopwatch.StartNew());
        using var stop = new CancellationTokenSource(options.Duration);
        var polite = new PoliteClients(http, options, ledger, clock);
        var rude = new RudeClients(server.Url, options, ledger);
        Func<CancellationToken, Task>[] clients =
        [
            .. Enumerable.Repeat<Func<CancellationToken, Task>>(polite.ClassifyAsync, options.Clients),
            polite.SwapAsync,
            polite.UploadAsync,
            polite.LookAsync,
            rude.HangUpAsync,
            rude.HangUpAsync,
            rude.RubbishAsync,
            rude.DawdleAsync,
            rude.DawdleAsync,
        ];
        var all = Task.WhenAll(clients.Select(client => Task.Run(() => client(stop.Token))));
        while (!all.IsCompleted && !server.HasExited)
        {
            curve.Sample(clock.Elapsed);
            await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(1)));
        }
        if (server.HasExited)
            throw new InvalidOperationException(
                $"The server ended after {clock.Elapsed.TotalMinutes:F1} minutes. {string.Join('\n', server.Errors.TakeLast(20))}"
            );
        await all;

        var growth = curve.Growth(options.Duration / 3);
        foreach (var line in ledger.Report(clock.Elapsed).Concat(curve.Report()))
            Console.WriteLine(line);
        Console.WriteLine(
            $"since a third of the time: {growth.MegabytesPerMinute:+0.00;-0.00} MB/min, in all {growth.Megabytes:+0.0;-0.0} MB, "
                + $"{growth.Files:+0.0;-0.0} files, {growth.Threads:+0.0;-0.0} threads"
        );
        Console.WriteLine($"server errors: {ledger.Failures.Count}, lines about errors in its log: {server.Errors.Count}");
        foreach (var failure in ledger.Failures.Concat(server.Errors).Take(60))
            Console.WriteLine($"  {failure}");
        return
            ledger.Failures.Count > 0
            || server.Errors.Count > 0
            || growth.Megabytes > MegabytesAllowed
            || growth.Files > FilesAllowed
            || growth.Threads > ThreadsAllowed
            ? 1
            : 0;
    }
}
