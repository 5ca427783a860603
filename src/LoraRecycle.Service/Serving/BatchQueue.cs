namespace LoraRecycle.Service.Serving;

/// <summary>
/// What stands in front of a model: requests are admitted with all their images or not at all, images enter as they are
/// decoded, and the model's thread takes them out in batches. A batch has images of whichever requests, but of one wearing.
/// </summary>
/// <param name="capacity">Most images admitted and not yet taken.</param>
internal sealed class BatchQueue(int capacity)
{
    private readonly object _gate = new();
    private readonly LinkedList<PendingImage> _entered = new(); // in the order of their arrival
    private readonly Dictionary<Wearing, int> _decoding = [];   // admitted, but not yet entered
    private int _admitted;
    private bool _completed;

    /// <summary>Images admitted and not yet taken.</summary>
    public int Waiting => Volatile.Read(ref _admitted);

    /// <summary>Reserves room for a request's images.</summary>
    /// <exception cref="QueueFullException">There is not enough.</exception>
    public Admission Admit(int images, Wearing wearing)
    {
        lock (_gate)
        {
            if (_admitted + images > capacity)
                throw new QueueFullException(images, _admitted, capacity);
            _admitted += images;
            _decoding[wearing] = _decoding.GetValueOrDefault(wearing) + images;
            return new Admission(this, images, wearing);
        }
    }

    /// <summary>Lets an image in before all others, whether or not there is room.</summary>
    public void EnterFirst(PendingImage image)
    {
        lock (_gate)
        {
            if (_completed)
            {
                image.Fail(new ModelFailureException("The server is shutting down."));
                return;
            }
            _admitted++;
            _entered.AddFirst(image);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>
    /// Waits for an image, then adds to it what is there of its wearing and what arrives soon: a batch that is not full
    /// waits only while admitted images of that wearing are being decoded, and never longer than <paramref name="maxWait"/>.
    /// The image that came first decides the wearing, so none waits for ever.
    /// </summary>
    /// <returns>False when the queue is completed and empty.</returns>
    public bool Take(List<PendingImage> batch, int maxBatch, TimeSpan maxWait)
    {
        lock (_gate)
        {
            while (_entered.First is null)
            {
                if (_completed)
                    return false;
                Monitor.Wait(_gate);
            }
            var wearing = _entered.First.Value.Wearing;
            var started = TimeProvider.System.GetTimestamp();
            while (true)
            {
                TakeWhatIsThere(wearing, batch, maxBatch);
                var left = maxWait - TimeProvider.System.GetElapsedTime(started);
                if (batch.Count == maxBatch || _completed || !_decoding.ContainsKey(wearing) || left <= TimeSpan.Zero)
                    return true;
                Monitor.Wait(_gate, left);
            }
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

    private void TakeWhatIsThere(Wearing wearing, List<PendingImage> batch, int maxBatch)
    {
        for (var node = _entered.First; node is not null && batch.Count < maxBatch;)
        {
            var (image, next) = (node.Value, node.Next);
            if (image.IsCancelled || image.Wearing == wearing)
            {
                _entered.Remove(node);
                _admitted--;
                if (image.IsCancelled)
                    image.Cancel();
                else
                    batch.Add(image);
            }
            node = next;
        }
    }

    private void Decoded(Wearing wearing, int images)
    {
        var left = _decoding[wearing] - images;
        if (left > 0)
            _decoding[wearing] = left;
        else
            _decoding.Remove(wearing);
        Monitor.PulseAll(_gate);
    }

    /// <summary>Room in the queue for the images of one request; what is not used is given back on disposal.</summary>
    public sealed class Admission(BatchQueue queue, int images, Wearing wearing) : IDisposable
    {
        private int _left = images;

        public void Enter(PendingImage image)
        {
            lock (queue._gate)
            {
                _left--;
                if (!queue._completed)
                    queue._entered.AddLast(image);
                else
                {
                    queue._admitted--;
                    image.Fail(new ModelFailureException("The server is shutting down."));
                }
                queue.Decoded(wearing, 1);
            }
        }

        public void Dispose()
        {
            lock (queue._gate)
            {
                if (_left == 0)
                    return;
                queue._admitted -= _left;
                queue.Decoded(wearing, _left);
                _left = 0;
            }
        }
    }
}
