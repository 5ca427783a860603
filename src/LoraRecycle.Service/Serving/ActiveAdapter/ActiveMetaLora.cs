using System.Diagnostics.Metrics;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Serving.ActiveAdapter;

/// <summary>
/// Which meta-LoRA serves those who ask for none in particular. A switch changes what later requests resolve to; those
/// under way keep what they have resolved.
/// </summary>
/// <param name="initial">Finds the one at the start, when it is first asked for: that needs libtorch and the database.</param>
/// <param name="store">Where activations are kept.</param>
/// <param name="swaps">Counts the switches.</param>
internal sealed class ActiveMetaLora(Func<ServedAdapter> initial, ActivationStore store, Counter<long> swaps) : IDisposable
{
    private readonly SemaphoreSlim _switching = new(1);
    private readonly Lazy<ServedAdapter> _initial = new(initial);
    private ServedAdapter? _current;
    private long _version;

    /// <exception cref="ModelFailureException">The one at the start cannot be used; the server ends as without a model.</exception>
    public ServedAdapter Current => Volatile.Read(ref _current) ?? _initial.Value;

    /// <summary>
    /// Loads the next one and proves it by a forward pass, and only then makes it the active one, here and, where activations
    /// are kept, after the next start and in the other processes.
    /// </summary>
    /// <param name="next">The next one.</param>
    /// <param name="prepare">Loads and proves it; what it throws passes through, and the active one stays.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The one that was active before.</returns>
    /// <exception cref="StateUnavailableException">It cannot be kept; the active one stays.</exception>
    public async Task<ServedAdapter> SwitchAsync(
        ServedAdapter next,
        Func<ServedAdapter, CancellationToken, Task> prepare,
        CancellationToken cancellation
    )
    {
        // In the order in which they came: the last one that is answered is the one that stays.
        await _switching.WaitAsync(cancellation);
        try
        {
            await prepare(next, cancellation);
            _version = await store.KeepAsync(next.Id, cancellation);
            return Exchange(next);
        }
        finally
        {
            _switching.Release();
        }
    }

    /// <summary>Takes over what another process activated, or what could not be used at the start; nothing happens when that is
    /// known, or before the one at the start is, which is looked up in the same place.</summary>
    /// <param name="resolve">Finds the meta-LoRA of an id.</param>
    /// <param name="prepare">Loads and proves it; what it throws passes through, and the active one stays.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The one that was active before; null when nothing changed.</returns>
    public async Task<ServedAdapter?> FollowAsync(
        Func<string, ServedAdapter> resolve,
        Func<ServedAdapter, CancellationToken, Task> prepare,
        CancellationToken cancellation
    )
    {
        if (!_initial.IsValueCreated)
            return null;
        await _switching.WaitAsync(cancellation);
        try
        {
            if (await store.FindAsync(cancellation) is not { } activation || activation.Version == _version)
                return null;
            var (next, current) = (resolve(activation.Id), Current);
            if (next != current)
                await prepare(next, cancellation);
            _version = activation.Version;
            return next == current ? null : Exchange(next);
        }
        finally
        {
            _switching.Release();
        }
    }

    /// <summary>Whether a meta-LoRA is the active one, here or for the processes that share the database.</summary>
    public async Task<bool> IsActiveAsync(string id, CancellationToken cancellation) =>
        Current.Id == id || (await store.FindAsync(cancellation))?.Id == id;

    /// <summary>Does what must not be done to the active one, while no switch is under way.</summary>
    /// <returns>False when it is the active one, and nothing was done.</returns>
    public async Task<bool> UnlessActiveAsync(string id, Action work, CancellationToken cancellation)
    {
        await _switching.WaitAsync(cancellation);
        try
        {
            if (await IsActiveAsync(id, cancellation))
                return false;
            work();
            return true;
        }
        finally
        {
            _switching.Release();
        }
    }

    public void Dispose() => _switching.Dispose();

    private ServedAdapter Exchange(ServedAdapter next)
    {
        swaps.Add(1);
        return Interlocked.Exchange(ref _current, next) ?? _initial.Value;
    }
}
