using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>The native pointers of several tensors, none of which can be freed until this is disposed.</summary>
internal sealed class BorrowedTensors : IDisposable
{
    private readonly TensorHandle[] _handles;
    private int _borrowed;

    public BorrowedTensors(IList<Tensor> tensors)
    {
        _handles = new TensorHandle[tensors.Count];
        Pointers = new IntPtr[tensors.Count];
        try
        {
            for (; _borrowed < _handles.Length; _borrowed++)
            {
                if (tensors[_borrowed] is not { } tensor)
                    throw new ArgumentNullException(nameof(tensors), $"Expected a tensor at position {_borrowed} of the list, got null.");
                _handles[_borrowed] = tensor.SafeHandle;
                Pointers[_borrowed] = _handles[_borrowed].Borrow();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IntPtr[] Pointers { get; }

    public int Count => Pointers.Length;

    public void Dispose()
    {
        while (_borrowed > 0) _handles[--_borrowed].DangerousRelease();
    }
}
