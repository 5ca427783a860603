using LoraRecycle.Service.Host;
using LoraRecycle.Service.Platform.Startup;
using Microsoft.AspNetCore.Builder;

namespace LoraRecycle.Cli.Commands.Serving;

/// <summary>The service on a free port of this machine, for as long as one command needs it.</summary>
internal sealed class TemporaryServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TemporaryServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public static async Task<TemporaryServer> StartAsync(IEnumerable<string> settings, CancellationToken cancellation)
    {
        // What it logs goes to standard error: standard output is the command's own.
        var app = ServiceHost.Build([
            .. settings,
            "--urls=http://127.0.0.1:0",
            "--Security:AllowAnonymous=true",
            "--Serilog:MinimumLevel:Default=Warning",
            "--Serilog:WriteTo:Console:Args:standardErrorFromLevel=Verbose",
        ]);
        try
        {
            await ListeningException.StartAsync(app, cancellation);
            return new TemporaryServer(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
