using System.CommandLine;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Commands.Serving;

/// <summary>Asks a running server whether it is ready: for a container's health check, where no other program can ask.</summary>
internal sealed class HealthCommand : Command, IVerb
{
    private readonly Option<string> _url = new("--url") { Description = "The server.", DefaultValueFactory = _ => "http://127.0.0.1:8080" };

    public HealthCommand()
        : base(
            "health",
            "Ask a running server whether it is ready, and print the answer: exit code 0 if ready, 1 if not ready or no answer."
        )
    {
        Options.Add(_url);
        SetAction(AskAsync);
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "./run health",
        "./run health --url https://lora.example.org",
    ];

    private async Task<int> AskAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var server = ServerAddress.Parse(parsed.GetValue(_url)!);
        // Whoever asks has a time-out of its own. A proxy of the environment's would answer for itself.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            using var response = await http.GetAsync(new Uri(server, "/healthz/ready"), cancellation);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(await response.Content.ReadAsStringAsync(cancellation));
            return response.IsSuccessStatusCode ? ExitCode.Ok : ExitCode.Negative;
        }
        catch (HttpRequestException exception)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"No server answers at {server}: {exception.Message}");
            return ExitCode.Negative;
        }
    }
}
