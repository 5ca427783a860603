using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace LoraRecycle.EndToEnd;

/// <summary>The real program serving on a free port, shared by the tests of a class.</summary>
public sealed partial class ServedProcess : IAsyncLifetime
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    /// <summary>Where it listens, as it says itself.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The curl line that it prints for a newcomer to paste.</summary>
    public string PrintedCurlLine => CurlLine().Match(Output).Value;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Whether it has ended, which it does not by itself.</summary>
    public bool HasExited => _process!.HasExited;

    public ValueTask InitializeAsync() => ServeAsync([]);

    /// <summary>One for a single test, with settings of its own.</summary>
    public static async Task<ServedProcess> StartAsync(params string[] settings)
    {
        var server = new ServedProcess();
        await server.ServeAsync(settings);
        return server;
    }

    /// <summary>The same, with something that is done as soon as it listens, before it is ready.</summary>
    public static async Task<ServedProcess> StartAsync(Func<Uri, Task> atOnce, params string[] settings)
    {
        var server = new ServedProcess();
        await server.ServeAsync(settings, atOnce);
        return server;
    }

    private async ValueTask ServeAsync(string[] settings, Func<Uri, Task>? atOnce = null)
    {
        // A data directory that is not there, unless the settings have another: whoever runs the tests may have keys.
        string[] noKeys = settings.Any(setting => setting.StartsWith("--Storage:", StringComparison.Ordinal))
            ? []
            : [$"--Storage:Directory={Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())}"];
        string[] address = settings.Any(setting => setting.StartsWith("--url=", StringComparison.Ordinal))
            ? []
            : ["--url=http://127.0.0.1:0"];
        _process = CommandLineProcess.Start(CommandLineProcess.Program, ["serve", .. address, .. noKeys, .. settings]);
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Exited += (_, _) =>
            _address.TrySetException(new InvalidOperationException($"The server ended before it listened:\n{Output}"));
        _process.EnableRaisingEvents = true;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Address = await _address.Task.WaitAsync(Longest);
        if (atOnce is not null)
            await atOnce(new Uri(Address));
        // The greeting's remaining lines follow at once; "Stop:" is its last. The model takes longer.
        using var http = new HttpClient();
        var started = Stopwatch.GetTimestamp();
        while (
            !Output.Contains("Stop:", StringComparison.Ordinal)
            || !(await http.GetAsync(new Uri(Address + "/healthz/ready"))).IsSuccessStatusCode
        )
        {
            if (Stopwatch.GetElapsedTime(started) > Longest)
            {
                using var answer = await http.GetAsync(new Uri(Address + "/healthz/ready"));
                throw new TimeoutException(
                    $"The server was not ready after {Longest}: {await answer.Content.ReadAsStringAsync()}\n{Output}"
                );
            }
            await Task.Delay(20);
        }
    }

    /// <summary>Asks it to end as an orchestrator does, and tells its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        if (_process!.HasExited)
            return _process.ExitCode;
        await CommandLineProcess.RunAsync("bash", "-c", $"kill -TERM {_process.Id}");
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Ends it at once, as a power failure does.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public int ProcessId => _process!.Id;

    /// <summary>Bytes of memory that it takes now; 0 once it has ended.</summary>
    public long WorkingSet
    {
        get
        {
            _process!.Refresh();
            return _process.HasExited ? 0 : _process.WorkingSet64;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        if (ServingOn().Match(line) is { Success: true } match)
            _address.TrySetResult(match.Groups[1].Value);
    }

    [GeneratedRegex(@"^Serving on (http://\S+)")]
    private static partial Regex ServingOn();

    [GeneratedRegex(@"curl http://.*")]
    private static partial Regex CurlLine();
}
