using Microsoft.EntityFrameworkCore;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>
/// Opens the database, once it is there and of this program's version. That is seen to at the start where there is a
/// database already, else when it is first needed: SQLite's file is made then, as all else in the data directory. When it
/// cannot be, it is tried again with the next use, so a server whose database is away goes on with what needs none.
/// </summary>
internal sealed class StateDatabase(IDbContextFactory<StateContext> contexts, StateConnection connection) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposed = new();
    private Task _preparing = Task.CompletedTask;
    private volatile bool _isReady;

    /// <summary>Whether there is something to look at without making it.</summary>
    public bool IsThere => connection.SqliteFile is not { } file || File.Exists(file);

    /// <summary>A context of its own for one unit of work; dispose of it.</summary>
    /// <inheritdoc cref="PrepareAsync" path="/exception"/>
    public async Task<StateContext> OpenAsync(CancellationToken cancellation)
    {
        await PrepareAsync(cancellation);
        return await contexts.CreateDbContextAsync(cancellation);
    }

    /// <summary>Makes the database and brings it to this program's version; nothing happens where that is done.</summary>
    /// <exception cref="StateVersionException">It is newer than the program.</exception>
    /// <exception cref="StateUnavailableException">It cannot be reached, made or changed.</exception>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        if (_isReady)
            return;
        Task preparing;
        // Whoever comes meanwhile shares what comes of it: one after the other would each wait for a database that is locked.
        lock (_lock)
            preparing = _isReady || !_preparing.IsCompleted ? _preparing : _preparing = Begin(_disposed.Token);
        try
        {
            await preparing.WaitAsync(cancellation);
        }
        finally
        {
            // All who share it would go on one after the other on the thread that it ended on, and one that blocks there for another
            // would wait for ever.
            await Task.Yield();
        }
    }

    private Task Begin(CancellationToken stopping) => Task.Run(() => RunAsync(stopping), stopping);

    public void Dispose()
    {
        _disposed.Cancel();
        _disposed.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            await StateMigration.RunAsync(context, connection.SqliteFile, cancellation);
            _isReady = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException || StateFailures.IsUnavailable(exception))
        {
            throw new StateUnavailableException($"The database cannot be opened: {exception.GetBaseException().Message}", exception);
        }
    }
}
