using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>The native pointers of several tensors, none of which can be freed until this is disposed.</summary>
internal sealed class BorrowedTensors : IDisposable
{
    private readonly TensorHandle[] _handles;
    private int _borrowed;

    public BorrowedTensors(IList<Tensor> tensors)
    {
        _handles = [.. tensors.Select(tensor => tensor.SafeHandle)];
        Pointers = new IntPtr[_handles.Length];
        try
        {
            for (; _borrowed < _handles.Length; _borrowed++)
            {
                var added = false;
                _handles[_borrowed].DangerousAddRef(ref added);
                Pointers[_borrowed] = _handles[_borrowed].DangerousGetHandle();
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
