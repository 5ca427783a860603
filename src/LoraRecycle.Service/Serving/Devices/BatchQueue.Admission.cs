using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Serving.Devices;

internal sealed partial class BatchQueue
{
    /// <summary>Room in the queue for the images of one request; what is not used is given back on disposal.</summary>
    public sealed class Admission(BatchQueue queue, int images, ServedAdapter adapter) : IDisposable
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
                    image.Fail(ShuttingDown());
                }
                queue.Decoded(adapter, 1);
            }
        }

        public void Dispose()
        {
            lock (queue._gate)
            {
                if (_left == 0)
                    return;
                queue._admitted -= _left;
                queue.Decoded(adapter, _left);
                _left = 0;
            }
        }
    }
}
