using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Numerics;

/// <summary>An n-dimensional array in plain C#: slow, obvious, and what libtorch's results are compared with.</summary>
internal sealed class NdArray(long[] shape, double[] values)
{
    public long[] Shape { get; } = shape;

    public double[] Values { get; } = values;

    public double this[params long[] index] => Values[Offset(index)];

    public static NdArray Of(params double[] values) => new([values.Length], values);

    public static NdArray Number(double value) => new([], [value]);

    /// <summary>Uniform numbers from a seed that depends on the shape alone.</summary>
    public static NdArray Random(long[] shape, double low = -2, double high = 2, int seed = 1)
    {
        var random = new Random(HashCode(shape, seed));
        return From(shape, _ => low + ((high - low) * random.NextDouble()));
    }

    public static NdArray From(long[] shape, Func<long[], double> value) => new(shape, [.. Indices(shape).Select(value)]);

    /// <summary>All index tuples of a shape, in row-major order; the array is reused.</summary>
    public static IEnumerable<long[]> Indices(long[] shape)
    {
        var index = new long[shape.Length];
        var count = shape.Aggregate(1L, (product, size) => product * size);
        for (var i = 0L; i < count; i++)
        {
            var rest = i;
            for (var d = shape.Length - 1; d >= 0; d--) (rest, index[d]) = Math.DivRem(rest, shape[d]);
            yield return index;
        }
    }

    public NdArray Map(Func<double, double> function) => new(Shape, [.. Values.Select(function)]);

    /// <summary>Element by element; shapes are aligned at their ends and sizes of 1 are repeated.</summary>
    public NdArray Zip(NdArray other, Func<double, double, double> function)
    {
        var rank = Math.Max(Shape.Length, other.Shape.Length);
        var result = new long[rank];
        for (var d = 1; d <= rank; d++)
            result[^d] = Math.Max(d <= Shape.Length ? Shape[^d] : 1, d <= other.Shape.Length ? other.Shape[^d] : 1);
        return From(result, index => function(Broadcast(index), other.Broadcast(index)));
    }

    /// <summary>What <paramref name="function"/> makes of the elements along <paramref name="dims"/> (empty: all), in row-major order.</summary>
    public NdArray Reduce(long[] dims, Func<double[], double> function, bool keepdim = false)
    {
        var over = Enumerable.Range(0, Shape.Length).Select(d => dims.Length == 0 || dims.Contains(d) || dims.Contains(d - Shape.Length)).ToArray();
        var kept = Shape.Select((size, d) => over[d] ? 1 : size).ToArray();
        var groups = From(kept, index =>
        {
            var inner = Shape.Select((size, d) => over[d] ? size : 1).ToArray();
            var start = index.ToArray();
            return function([.. Indices(inner).Select(step => this[[.. step.Select((s, d) => s + start[d])]])]);
        });
        return keepdim ? groups : new NdArray([.. kept.Where((_, d) => !over[d])], groups.Values);
    }

    public NdArray MatMul(NdArray other) => From(
        [Shape[0], other.Shape[1]], i => Enumerable.Range(0, (int)Shape[1]).Sum(k => this[i[0], k] * other[k, i[1]]));

    public NdArray Transpose() => From([Shape[1], Shape[0]], i => this[i[1], i[0]]);

    public NdArray Reshape(params long[] shape) => new(shape, Values);

    public Tensor ToTensor(ScalarType type = ScalarType.Float64) => tensor(Values, Shape, type, TestDevice.Current);

    public static NdArray FromTensor(Tensor tensor)
    {
        using var copy = tensor.detach().to(ScalarType.Float64, CPU);
        return new NdArray(copy.shape, copy.data<double>().ToArray());
    }

    private double Broadcast(long[] index) =>
        Values[Offset([.. Shape.Select((size, d) => size == 1 ? 0 : index[index.Length - Shape.Length + d])])];

    private long Offset(long[] index)
    {
        var offset = 0L;
        for (var d = 0; d < Shape.Length; d++) offset = (offset * Shape[d]) + index[d];
        return offset;
    }

    private static int HashCode(long[] shape, int seed) => shape.Aggregate(seed, (hash, size) => (hash * 31) + (int)size);
}
