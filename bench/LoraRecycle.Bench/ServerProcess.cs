using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LoraRecycle.Bench;

/// <summary>The service in a process of its own, on a free port of the loopback interface.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int LinesOfAnError = 8;

    private readonly Process _process;
    private readonly List<string> _errors = [];

    private ServerProcess(Process process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Lines of its log that tell of errors, since it was ready.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_errors) return [.. _errors];
        }
    }

    /// <summary>Memory of the process that is in RAM.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <param name="program">The command line program.</param>
    /// <param name="settings">Such as <c>--Cache:Bytes=0</c>.</param>
    public static ServerProcess Start(string program, params string[] settings)
    {
        var url = new Uri($"http://127.0.0.1:{FreePort().ToString(CultureInfo.InvariantCulture)}");
        var start = new ProcessStartInfo(program, ["serve", "--url", url.ToString(), .. settings]) { RedirectStandardOutput = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var server = new ServerProcess(process, url);
        var more = 0;
        // Its log is drained, because a full pipe would stop it; of it only errors are kept.
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is not { } text) return;
            // With the first lines of its exception.
            if (text.Contains(" ERR ", StringComparison.Ordinal) || text.Contains(" FTL ", StringComparison.Ordinal)) more = LinesOfAnError;
            if (more-- <= 0) return;
            lock (server._errors) server._errors.Add(text);
        };
        process.BeginOutputReadLine();
        return server;
    }

    public async Task WaitUntilReadyAsync(HttpClient http)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            if (_process.HasExited) throw new InvalidOperationException($"The server ended with exit code {_process.ExitCode}.");
            try
            {
                using var response = await http.GetAsync(new Uri("/healthz/ready", UriKind.Relative));
                if (response.IsSuccessStatusCode)
                {
                    // That the model was still being loaded.
                    lock (_errors) _errors.Clear();
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            await Task.Delay(100);
        }
        throw new TimeoutException("The server was not ready within 30 seconds.");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
