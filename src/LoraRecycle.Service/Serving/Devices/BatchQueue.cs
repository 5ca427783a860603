using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Serving.Devices;

/// <summary>
/// What stands in front of the devices: requests are admitted with all their images or not at all, images enter as they are
/// decoded, and each device's thread takes them out in batches when it is free. A batch has images of whichever requests,
/// but of one adapter.
/// </summary>
/// <param name="capacity">Most images admitted and not yet taken.</param>
internal sealed partial class BatchQueue(int capacity)
{
    private readonly object _gate = new();
    private readonly LinkedList<PendingImage> _entered = new(); // in the order of their arrival
    private readonly Dictionary<ServedAdapter, int> _decoding = [];   // admitted, but not yet entered
    private readonly HashSet<ServedAdapter> _gathering = [];          // whose next batch a device has begun
    private readonly List<Lane> _lanes = [];
    private int _admitted;
    private bool _completed;

    /// <summary>Images admitted and not yet taken.</summary>
    public int Waiting => Volatile.Read(ref _admitted);

    /// <summary>Makes a way out for a device.</summary>
    public Lane Open()
    {
        var lane = new Lane();
        lock (_gate)
            _lanes.Add(lane);
        return lane;
    }

    /// <summary>Ends a device's way out. What waits for it fails; with the last one, whatever waits, and whatever comes.</summary>
    public void Close(Lane lane, Exception reason)
    {
        lock (_gate)
        {
            _lanes.Remove(lane);
            FailAll(lane.Own, reason);
            if (_lanes.Count == 0)
            {
                _completed = true;
                FailAll(_entered, reason);
            }
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Reserves room for a request's images.</summary>
    /// <exception cref="QueueFullException">There is not enough.</exception>
    public Admission Admit(int images, ServedAdapter adapter)
    {
        lock (_gate)
        {
            if (_admitted + images > capacity)
                throw new QueueFullException(images, _admitted, capacity);
            _admitted += images;
            _decoding[adapter] = _decoding.GetValueOrDefault(adapter) + images;
            return new Admission(this, images, adapter);
        }
    }

    /// <summary>Lets an image in for one device, before all others, whether or not there is room.</summary>
    public void EnterFirst(Lane lane, PendingImage image)
    {
        lock (_gate)
        {
            if (_completed || !_lanes.Contains(lane))
            {
                image.Fail(ShuttingDown());
                return;
            }
            _admitted++;
            lane.Own.AddLast(image);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>
    /// Waits for an image, then adds to it what is there of its adapter and what arrives soon: a batch that is not full
    /// waits only while admitted images of that adapter are being decoded, and never longer than <paramref name="maxWait"/>.
    /// The image that came first decides the adapter, so none waits for ever; and one device at a time gathers for an adapter, so
    /// that idle ones do not pick it to pieces.
    /// </summary>
    /// <param name="lane">Whose turn it is.</param>
    /// <param name="batch">Where the images go; stays empty when none came within <paramref name="patience"/>.</param>
    /// <param name="maxBatch">Most images.</param>
    /// <param name="maxWait">How long a batch that is not full waits for more.</param>
    /// <param name="patience">How long to wait for the first.</param>
    /// <returns>False when the queue is completed and has nothing more for this lane.</returns>
    public bool Take(Lane lane, List<PendingImage> batch, int maxBatch, TimeSpan maxWait, TimeSpan patience)
    {
        lock (_gate)
        {
            var started = TimeProvider.System.GetTimestamp();
            ServedAdapter? adapter;
            while ((adapter = lane.Own.First?.Value.Adapter ?? Next(lane)) is null)
            {
                if (_completed && (_entered.Count == 0 || !lane.MayShare(_lanes)))
                    return false;
                if (patience == Timeout.InfiniteTimeSpan)
                    Monitor.Wait(_gate);
                else if (patience - TimeProvider.System.GetElapsedTime(started) is var left && left > TimeSpan.Zero)
                    Monitor.Wait(_gate, left);
                else
                    return true;
            }
            if (lane.Own.Count > 0)
                TakeWhatIsThere(lane.Own, adapter, batch, maxBatch);
            else
                Gather(adapter, batch, maxBatch, maxWait);
            return true;
        }
    }

    /// <summary>Gives images to other devices, before all that waits.</summary>
    /// <returns>Those that no other device may have.</returns>
    public IReadOnlyList<PendingImage> Move(Lane from, IReadOnlyList<PendingImage> images)
    {
        lock (_gate)
        {
            if (!_lanes.Exists(lane => lane != from && lane.IsInOrder))
                return images;
            var moving = images.Where(image => image.TryMove()).ToArray();
            foreach (var image in moving.Reverse())
                _entered.AddFirst(image);
            _admitted += moving.Length;
            Monitor.PulseAll(_gate);
            return [.. images.Except(moving)];
        }
    }

    /// <summary>Changes how a device is; the others may take what it may not, or no longer.</summary>
    public void Mark(Lane lane, Action<Lane> change)
    {
        lock (_gate)
        {
            change(lane);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>No image will come any more; those inside are still handed out.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private static ModelFailureException ShuttingDown() => new("The server is shutting down.");

    private ServedAdapter? Next(Lane lane) =>
        lane.MayShare(_lanes) ? _entered.FirstOrDefault(image => !_gathering.Contains(image.Adapter))?.Adapter : null;

    private void Gather(ServedAdapter adapter, List<PendingImage> batch, int maxBatch, TimeSpan maxWait)
    {
        _gathering.Add(adapter);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            TakeWhatIsThere(_entered, adapter, batch, maxBatch);
            var left = maxWait - TimeProvider.System.GetElapsedTime(started);
            if (batch.Count == maxBatch || _completed || !_decoding.ContainsKey(adapter) || left <= TimeSpan.Zero)
                break;
            Monitor.Wait(_gate, left);
        }
        _gathering.Remove(adapter);
        Monitor.PulseAll(_gate);
    }

    private void TakeWhatIsThere(LinkedList<PendingImage> from, ServedAdapter adapter, List<PendingImage> batch, int maxBatch)
    {
        for (var node = from.First; node is not null && batch.Count < maxBatch;)
        {
            var (image, next) = (node.Value, node.Next);
            if (image.IsCancelled || image.Adapter == adapter)
            {
                from.Remove(node);
                _admitted--;
                if (image.IsCancelled)
                    image.Cancel();
                else if (!image.Embedding.IsCompleted)
                    batch.Add(image);
            }
            node = next;
        }
    }

    private void FailAll(LinkedList<PendingImage> images, Exception reason)
    {
        _admitted -= images.Count;
        foreach (var image in images)
            image.Fail(reason);
        images.Clear();
    }

    private void Decoded(ServedAdapter adapter, int images)
    {
        var left = _decoding[adapter] - images;
        if (left > 0)
            _decoding[adapter] = left;
        else
            _decoding.Remove(adapter);
        Monitor.PulseAll(_gate);
    }
}
