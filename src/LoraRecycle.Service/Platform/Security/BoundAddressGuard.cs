using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Security;

/// <summary>
/// Stops a server that listens where <see cref="ListeningGuard"/> would not have let it. What is bound in the end is not for the settings
/// alone to say: code that starts the server may add addresses.
/// </summary>
internal sealed class BoundAddressGuard(IServer server, ListeningGuard guard, IOptions<SecurityOptions> security) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return guard.Refusal(addresses, security.Value) is { } refusal
            ? throw new OptionsValidationException(SecurityOptions.Section, typeof(SecurityOptions), [refusal])
            : Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
