namespace LoraRecycle.Service.Serving.Devices;

/// <summary>
/// The bytes of decoded pixels that may wait for the model at once. Who wants more than is left waits in line, so a few
/// requests full of huge photographs cost time and not memory.
/// </summary>
internal sealed class DecodedMemory
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly long _capacity;
    private long _free;

    /// <param name="capacity">Bytes; one who asks for more takes all of it.</param>
    public DecodedMemory(long capacity) => _capacity = _free = capacity;

    private sealed record Waiter(long Bytes, TaskCompletionSource Granted);

    /// <summary>Takes the bytes, in turn; disposing what it returns gives them back.</summary>
    public async ValueTask<IDisposable> TakeAsync(long bytes, CancellationToken cancellation)
    {
        bytes = Math.Min(bytes, _capacity);
        LinkedListNode<Waiter> node;
        lock (_lock)
        {
            if (_waiters.Count == 0 && bytes <= _free)
            {
                _free -= bytes;
                return new Share(this, bytes);
            }
            node = _waiters.AddLast(new Waiter(bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        try
        {
            await node.Value.Granted.Task.WaitAsync(cancellation);
            return new Share(this, bytes);
        }
        catch (OperationCanceledException)
        {
            GiveUp(node);
            throw;
        }
    }

    private void GiveUp(LinkedListNode<Waiter> node)
    {
        lock (_lock)
        {
            if (node.List is null)
                _free += node.Value.Bytes; // granted in the moment of cancelling
            else
                _waiters.Remove(node);
            GrantInTurn();
        }
    }

    private void Return(long bytes)
    {
        lock (_lock)
        {
            _free += bytes;
            GrantInTurn();
        }
    }

    private void GrantInTurn()
    {
        while (_waiters.First is { } first && first.Value.Bytes <= _free)
        {
            _free -= first.Value.Bytes;
            _waiters.RemoveFirst();
            first.Value.Granted.SetResult();
        }
    }

    private sealed class Share(DecodedMemory owner, long bytes) : IDisposable
    {
        private DecodedMemory? _owner = owner;

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Return(bytes);
    }
}
