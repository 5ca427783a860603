using System.Diagnostics.Metrics;
using LoraRecycle.Service.Serving;

namespace LoraRecycle.Service.MetaLoras;

/// <summary>
/// Which meta-LoRA serves those who ask for none in particular. A switch changes what later requests resolve to; those
/// under way keep what they have resolved. It is held in memory: a restart begins with the setting again.
/// </summary>
/// <param name="initial">The one at the start.</param>
/// <param name="swaps">Counts the switches.</param>
internal sealed class ActiveMetaLora(Wearing initial, Counter<long> swaps) : IDisposable
{
    private readonly SemaphoreSlim _switching = new(1);
    private Wearing _current = initial;

    public Wearing Current => Volatile.Read(ref _current);

    /// <summary>Loads the next one and proves it by a forward pass, and only then makes it the active one.</summary>
    /// <returns>The one that was active before.</returns>
    /// <inheritdoc cref="IImageEmbedder.PrepareAsync" path="/exception"/>
    public async Task<Wearing> SwitchAsync(Wearing next, IImageEmbedder embedder, CancellationToken cancellation)
    {
        // In the order in which they came: the last one that is answered is the one that stays.
        await _switching.WaitAsync(cancellation);
        try
        {
            await embedder.PrepareAsync(next, cancellation);
            swaps.Add(1);
            return Interlocked.Exchange(ref _current, next);
        }
        finally
        {
            _switching.Release();
        }
    }

    public void Dispose() => _switching.Dispose();
}
