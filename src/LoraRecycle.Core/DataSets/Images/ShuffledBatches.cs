using static TorchSharp.torch;

namespace LoraRecycle.Core.DataSets.Images;

/// <summary>Batches of labelled images without end: every image once in an order drawn anew, then again.</summary>
internal sealed class ShuffledBatches(LabelledImages images, int batchSize, bool flips, Device device, Generator generator) : IDisposable
{
    private readonly int _size = Math.Min(batchSize, images.Count);
    private Tensor? _order;
    private int _position;

    /// <returns>[batch, 3, height, width] and [batch], for the caller's dispose scope.</returns>
    public (Tensor Pixels, Tensor Labels) Next()
    {
        // What does not fill a batch at the end of an order is left for the next one.
        if (_order is null || _position + _size > images.Count)
        {
            _order?.Dispose();
            _order = randperm(images.Count, generator: generator).DetachFromDisposeScope();
            _position = 0;
        }
        var chosen = _order.narrow(0, _position, _size).to(images.Pixels.device);
        _position += _size;
        var (pixels, labels) = (images.Pixels.index_select(0, chosen).to(device), images.Labels.index_select(0, chosen).to(device));
        if (!flips) return (pixels, labels);
        var mirrored = rand([_size, 1, 1, 1], generator: generator).lt(0.5).to(device);
        return (where(mirrored, pixels.flip(3), pixels), labels);
    }

    /// <summary>Where it is: the order that is under way, and how many of its images were given; no order before the first batch.
    /// </summary>
    public (Tensor? Order, int Position) Place => (_order, _position);

    /// <summary>Goes on from a place that another one was at; the generator is the caller's business.</summary>
    /// <param name="order">Copied.</param>
    /// <param name="position">From 0.</param>
    public void GoTo(Tensor order, int position)
    {
        _order?.Dispose();
        (_order, _position) = (order.clone().DetachFromDisposeScope(), position);
    }

    public void Dispose() => _order?.Dispose();
}
