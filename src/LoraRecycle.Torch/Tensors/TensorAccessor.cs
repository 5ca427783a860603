using System.Collections;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>
/// Element-wise access to a tensor in host memory, in row-major order whatever its strides are. It does not keep the
/// tensor from being disposed; every access afterwards throws <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly Tensor _tensor;
    private readonly T* _data;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _isContiguous;

    internal TensorAccessor(Tensor tensor)
    {
        _tensor = tensor;
        _data = (T*)tensor.DataPointer();
        _shape = tensor.shape;
        _strides = tensor.stride();
        Count = tensor.NumberOfElements;
        _isContiguous = tensor.is_contiguous();
    }

    public long Count { get; }

    public T this[params long[] indices]
    {
        get
        {
            using var borrowed = new BorrowedTensor(_tensor);
            return _data[Offset(indices)];
        }
        set
        {
            using var borrowed = new BorrowedTensor(_tensor);
            _data[Offset(indices)] = value;
        }
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    /// <summary>Copies all elements from <paramref name="tensorIndex"/> on to <paramref name="array"/>.</summary>
    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var target = array[arrayIndex..];
        var rest = CountFrom(tensorIndex);
        if (target.Length < rest)
            throw new ArgumentException($"Expected room for {rest} elements, got {target.Length}.", nameof(array));
        using var borrowed = new BorrowedTensor(_tensor);
        if (_isContiguous)
            new ReadOnlySpan<T>(_data + tensorIndex, (int)rest).CopyTo(target);
        else
            for (var i = 0; i < rest; i++) target[i] = _data[OffsetOf(tensorIndex + i)];
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array[arrayIndex..];
        var rest = CountFrom(tensorIndex);
        if (source.Length > rest)
            throw new ArgumentException($"Expected at most {rest} elements, got {source.Length}.", nameof(array));
        using var borrowed = new BorrowedTensor(_tensor);
        if (_isContiguous)
            source.CopyTo(new Span<T>(_data + tensorIndex, source.Length));
        else
            for (var i = 0; i < source.Length; i++) _data[OffsetOf(tensorIndex + i)] = source[i];
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => GC.KeepAlive(_tensor);

    private long CountFrom(long tensorIndex) => (ulong)tensorIndex <= (ulong)Count
        ? Count - tensorIndex
        : throw new ArgumentOutOfRangeException(nameof(tensorIndex), $"Expected a position from 0 to {Count}, got {tensorIndex}.");

    private long Offset(long[] indices)
    {
        if (indices.Length != _shape.Length)
            throw new ArgumentException($"Expected {_shape.Length} indices, got {indices.Length}.", nameof(indices));
        var offset = 0L;
        for (var d = 0; d < indices.Length; d++)
        {
            if ((ulong)indices[d] >= (ulong)_shape[d])
                throw new ArgumentOutOfRangeException(nameof(indices), $"Expected index {d} from 0 to {_shape[d] - 1}, got {indices[d]}.");
            offset += indices[d] * _strides[d];
        }
        return offset;
    }

    private long OffsetOf(long linear)
    {
        var offset = 0L;
        for (var d = _shape.Length - 1; d >= 0; d--)
        {
            (linear, var index) = Math.DivRem(linear, _shape[d]);
            offset += index * _strides[d];
        }
        return offset;
    }
}
