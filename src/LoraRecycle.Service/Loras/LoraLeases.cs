namespace LoraRecycle.Service.Loras;

/// <summary>
/// Which LoRAs are in use and may not be deleted. Take the lease first and look for the LoRA then: once it is found, it
/// stays until the lease is given back.
/// </summary>
internal sealed class LoraLeases
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _holders = new(StringComparer.Ordinal);

    /// <summary>Keeps LoRAs from being deleted until the lease is disposed of. Several may hold the same one.</summary>
    public IDisposable Hold(params IReadOnlyCollection<string> ids)
    {
        lock (_lock)
            foreach (var id in ids)
                _holders[id] = _holders.GetValueOrDefault(id) + 1;
        return new Lease(this, [.. ids]);
    }

    public bool IsHeld(string id)
    {
        lock (_lock)
            return _holders.ContainsKey(id);
    }

    /// <summary>Does what no holder may notice.</summary>
    /// <returns>False, and nothing is done, while somebody holds the LoRA.</returns>
    public bool TryUnlessHeld(string id, Action action)
    {
        lock (_lock)
        {
            if (_holders.ContainsKey(id))
                return false;
            action();
            return true;
        }
    }

    private void Release(string[] ids)
    {
        lock (_lock)
            foreach (var id in ids)
                if (--_holders[id] == 0)
                    _holders.Remove(id);
    }

    private sealed class Lease(LoraLeases leases, string[] ids) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
                leases.Release(ids);
        }
    }
}
