using System.Buffers;
using System.Runtime.CompilerServices;
using SixLabors.ImageSharp.Memory;

namespace LoraRecycle.Core.Imaging.Formats;

/// <summary>
/// The memory of one decoding: never more than a limit at once, and always zeroed, so that where a picture tells nothing
/// there are no remains of somebody else's. A decoding that is stopped gets no more.
/// </summary>
internal sealed class CappedMemory(long limit, CancellationToken cancellation = default) : MemoryAllocator
{
    private long _held;

    /// <summary>The most bytes that were ever held.</summary>
    public long HighWater { get; private set; }

    public override IMemoryOwner<T> Allocate<T>(int length, AllocationOptions options = AllocationOptions.None)
    {
        cancellation.ThrowIfCancellationRequested();
        var bytes = (long)length * Unsafe.SizeOf<T>();
        if (length < 0 || _held + bytes > limit)
            throw new InvalidMemoryOperationException(
                $"Expected at most {limit} bytes held at once; {_held} are held and {bytes} more were requested."
            );
        _held += bytes;
        HighWater = Math.Max(HighWater, _held);
        return new Held<T>(this, new T[length], bytes);
    }

    protected override int GetBufferCapacityInBytes() => int.MaxValue;

    private sealed class Held<T>(CappedMemory memory, T[] array, long bytes) : IMemoryOwner<T>
    {
        private long _bytes = bytes;

        public Memory<T> Memory => array;

        public void Dispose()
        {
            memory._held -= _bytes;
            _bytes = 0;
        }
    }
}
