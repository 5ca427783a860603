using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>A tensor whose memory cannot be freed, by this or another thread, until this is disposed.</summary>
internal readonly ref struct BorrowedTensor
{
    private readonly TensorHandle? _handle;

    /// <param name="tensor">Null is allowed, and has no pointer.</param>
    public BorrowedTensor(Tensor? tensor)
    {
        if (tensor is null) return;
        var handle = tensor.SafeHandle;
        Pointer = handle.Borrow();
        _handle = handle;
    }

    public IntPtr Pointer { get; }

    public void Dispose() => _handle?.DangerousRelease();
}
