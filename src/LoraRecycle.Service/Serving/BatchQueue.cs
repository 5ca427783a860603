using System.Threading.Channels;

namespace LoraRecycle.Service.Serving;

/// <summary>
/// What stands in front of a model: requests are admitted with all their images or not at all, images enter as they are
/// decoded, and the model's thread takes them out in batches, whichever requests they belong to.
/// </summary>
/// <param name="capacity">Most images admitted and not yet taken.</param>
internal sealed class BatchQueue(int capacity)
{
    private readonly Channel<PendingImage> _channel = Channel.CreateBounded<PendingImage>(
        new BoundedChannelOptions(capacity) { SingleReader = true, AllowSynchronousContinuations = false });

    private int _admitted;  // not yet taken, decoded or not
    private int _expected;  // of those, still being decoded
    private Task<bool>? _readable;

    /// <summary>Images admitted and not yet taken.</summary>
    public int Waiting => Volatile.Read(ref _admitted);

    /// <summary>Reserves room for a request's images.</summary>
    /// <exception cref="QueueFullException">There is not enough.</exception>
    public Admission Admit(int images)
    {
        var admitted = Interlocked.Add(ref _admitted, images);
        if (admitted > capacity)
        {
            Interlocked.Add(ref _admitted, -images);
            throw new QueueFullException(images, admitted - images, capacity);
        }
        Interlocked.Add(ref _expected, images);
        return new Admission(this, images);
    }

    /// <summary>
    /// Waits for an image, then adds to it what is there and what arrives soon: a batch that is not full waits only while
    /// admitted images are being decoded, and never longer than <paramref name="maxWait"/>.
    /// </summary>
    /// <returns>False when the queue is completed and empty.</returns>
    public bool Take(List<PendingImage> batch, int maxBatch, TimeSpan maxWait)
    {
        if (!WaitToRead(Timeout.InfiniteTimeSpan))
            return false;
        var started = TimeProvider.System.GetTimestamp();
        while (batch.Count < maxBatch)
        {
            if (_channel.Reader.TryRead(out var image))
            {
                Interlocked.Decrement(ref _admitted);
                if (image.IsCancelled)
                    image.Cancel();
                else
                    batch.Add(image);
                continue;
            }
            var left = maxWait - TimeProvider.System.GetElapsedTime(started);
            if (Volatile.Read(ref _expected) == 0 || left <= TimeSpan.Zero || !WaitToRead(left))
                break;
        }
        return true;
    }

    /// <summary>No image will come any more; those inside are still handed out.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    private bool WaitToRead(TimeSpan timeout)
    {
        // A wait that ran out is taken up again by the next one: the channel would keep a waiter for each.
        _readable ??= _channel.Reader.WaitToReadAsync().AsTask();
        if (!_readable.Wait(timeout))
            return false;
        var readable = _readable.Result;
        _readable = null;
        return readable;
    }

    /// <summary>Room in the queue for the images of one request; what is not used is given back on disposal.</summary>
    public sealed class Admission(BatchQueue queue, int images) : IDisposable
    {
        private int _left = images;

        public void Enter(PendingImage image)
        {
            Interlocked.Decrement(ref _left);
            // There is room, because it was reserved; only a queue that is completed refuses.
            if (!queue._channel.Writer.TryWrite(image))
            {
                Interlocked.Decrement(ref queue._admitted);
                image.Fail(new ModelFailureException("The server is shutting down."));
            }
            Interlocked.Decrement(ref queue._expected);
        }

        public void Dispose()
        {
            var left = Interlocked.Exchange(ref _left, 0);
            Interlocked.Add(ref queue._admitted, -left);
            Interlocked.Add(ref queue._expected, -left);
        }
    }
}
