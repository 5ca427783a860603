using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Platform.Storage.Locks;
using LoraRecycle.Service.Serving.ActiveAdapter;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>
/// Makes active what other processes activate, by looking once a second, and what was activated before the start and could not
/// be used then.
/// </summary>
internal sealed partial class ActivationFollower(
    ActiveMetaLora active,
    MetaLoraSelection selection,
    ImageEmbedder embedder,
    PageFirst pageFirst,
    TimeProvider time,
    ILogger<ActivationFollower> logger
) : BackgroundService, IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>After a failure, which may have loaded a whole model first.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private string? _failure;

    /// <summary>For a host that is disposed without being stopped: what it looks at is disposed after it.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await pageFirst.WaitAsync(stoppingToken))
            return;
        try
        {
            while (true)
            {
                await Task.Delay(_failure is null ? Interval : Pause, time, stoppingToken);
                await FollowAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends.
        }
    }

    /// <summary>While no model is loaded nothing is waited for: it is loaded with what is active then.</summary>
    private Task PrepareAsync(ServedAdapter next, CancellationToken cancellation) =>
        embedder.Model.IsCompletedSuccessfully ? embedder.PrepareAsync(next, cancellation) : Task.CompletedTask;

    private async Task FollowAsync(CancellationToken cancellation)
    {
        StatePatience.BeShort(); // whoever activates another one meanwhile waits for this, and it is done again in a second
        try
        {
            if (await active.FollowAsync(id => selection.ById(id, "id"), PrepareAsync, cancellation) is { } previous)
                LogFollowed(logger, previous.Id, active.Current.Id, active.Current.Revision);
            _failure = null;
        }
        catch (Exception exception)
            when (exception is ProblemException or ModelFailureException or AdapterMergeException or DeviceExhaustedException
                || StateFailures.IsUnusable(exception)
            )
        {
            if (_failure != exception.Message)
                LogNotFollowed(logger, active.Current.Id, exception.Message);
            _failure = exception.Message;
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Information,
        "The active meta-LoRA changed from {Previous} to {Next}, revision {Revision}: activated before the start or by another process"
    )]
    private static partial void LogFollowed(ILogger logger, string previous, string next, string revision);

    [LoggerMessage(
        2,
        LogLevel.Error,
        "The active meta-LoRA stays {Current}: the one activated before the start or by another process cannot be used: {Reason}"
    )]
    private static partial void LogNotFollowed(ILogger logger, string current, string reason);
}
