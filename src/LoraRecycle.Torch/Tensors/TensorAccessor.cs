using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>Element-wise access to a tensor in host memory, in row-major order whatever its strides are.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly Tensor _tensor;
    private readonly T* _data;
    private readonly long[] _shape;
    private readonly long[] _strides;

    internal TensorAccessor(Tensor tensor)
    {
        _tensor = tensor;
        _data = (T*)tensor.DataPointer();
        _shape = tensor.shape;
        _strides = tensor.stride();
        Count = tensor.NumberOfElements;
        IsContiguous = tensor.is_contiguous();
    }

    public long Count { get; }

    private bool IsContiguous { get; }

    public T this[params long[] indices]
    {
        get => _data[Offset(indices)];
        set => _data[Offset(indices)] = value;
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
        if (target.Length < Count - tensorIndex)
            throw new ArgumentException($"Expected room for {Count - tensorIndex} elements, got {target.Length}.", nameof(array));
        if (IsContiguous)
            new ReadOnlySpan<T>(_data + tensorIndex, checked((int)(Count - tensorIndex))).CopyTo(target);
        else
            for (var i = tensorIndex; i < Count; i++) target[(int)(i - tensorIndex)] = _data[OffsetOf(i)];
        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array[arrayIndex..];
        if (source.Length > Count - tensorIndex)
            throw new ArgumentException($"Expected at most {Count - tensorIndex} elements, got {source.Length}.", nameof(array));
        for (var i = 0; i < source.Length; i++) _data[IsContiguous ? tensorIndex + i : OffsetOf(tensorIndex + i)] = source[i];
        GC.KeepAlive(_tensor);
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => GC.KeepAlive(_tensor);

    private long Offset(long[] indices)
    {
        if (indices.Length != _shape.Length)
            throw new ArgumentException($"Expected {_shape.Length} indices, got {indices.Length}.", nameof(indices));
        ObjectDisposedException.ThrowIf(_tensor.IsInvalid, _tensor);
        var offset = 0L;
        for (var d = 0; d < indices.Length; d++)
        {
            if ((ulong)indices[d] >= (ulong)_shape[d])
                throw new ArgumentOutOfRangeException(nameof(indices), $"Expected index {d} below {_shape[d]}, got {indices[d]}.");
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
