using LoraRecycle.Torch.Tests.Numerics;
using static LoraRecycle.Torch.Tests.Numerics.NdArray;
using static LoraRecycle.Torch.Tests.TestDevice;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Tensors;

internal static class IndexingRows
{
    private static readonly NdArray X = Random([3, 4]);
    private static readonly NdArray Source = Random([2, 4], seed: 2);

    private static Tensor Checkered => Mask([3, 4], [true, false, true, false, false, true, false, true, true, false, true, false]);

    // index[i, j] says which row of the target element (i, j) of the source belongs to; no two hit the same element.
    private static Tensor Where => Integers([2, 4], 0, 2, 1, 1, 2, 0, 0, 2);

    private static readonly long[,] WhereRow = { { 0, 2, 1, 1 }, { 2, 0, 0, 2 } };

    public static OperatorTable Table { get; } = new()
    {
        { "SelectInt", X, x => x[1], x => From([4], i => x[1, i[0]]) },
        { "SelectInt", X, x => x[-1, 2], x => Number(x[2, 2]) },
        { "SliceTensor", X, x => x[TensorIndex.Colon, TensorIndex.Slice(1, null, 2)], x => From([3, 2], i => x[i[0], 1 + (2 * i[1])]) },
        { "SliceTensor", X, x => x[TensorIndex.Ellipsis, TensorIndex.Slice(-2)], x => From([3, 2], i => x[i[0], i[1] + 2]) },
        { "IndexTensor", X, x => x[Integers(2, 0, 2)], x => From([3, 4], i => x[new long[] { 2, 0, 2 }[i[0]], i[1]]) },
        { "IndexTensor", X, x => x[Integers(0, 2), Integers(3, 1)], x => Of(x[0, 3], x[2, 1]) },
        { "IndexTensor", X, x => x[TensorIndex.Colon, TensorIndex.Tensor(Integers(3, 3))], x => From([3, 2], i => x[i[0], 3]) },
        { "IndexTensor", X, x => x[TensorIndex.Tensor(Checkered)], x => Of([.. x.Values.Where((_, i) => (i / 4 * 3 + i % 4) % 2 == 0)]) },
        { "IndexTensor", Random([3]), x => x[TensorIndex.None, TensorIndex.Tensor(Integers(2, 1))], x => new([1, 2], [x[2], x[1]]) },
        {
            "IndexTensor", Random([2, 2, 3]), x => x[TensorIndex.Tensor(Mask([2, 2], true, false, false, true)), TensorIndex.Single(1)],
            x => Of(x[0, 0, 1], x[1, 1, 1])
        },
        { "IndexPutInPlace", X, Random([2, 4], seed: 5), Put, (x, y) => From([3, 4], i => i[0] == 2 ? y[0, i[1]] : i[0] == 0 ? y[1, i[1]] : x[1, i[1]]) },
        { "IndexSelect", X, x => x.index_select(1, Integers(3, 0, 0)), x => From([3, 3], i => x[i[0], i[1] == 0 ? 3 : 0]) },
        { "Narrow", X, x => x.narrow(1, 1, 2), x => From([3, 2], i => x[i[0], i[1] + 1]) },
        { "Gather", X, x => x.gather(0, Where), x => From([2, 4], i => x[WhereRow[i[0], i[1]], i[1]]) },
        { "ScatterSrc", X, Source, (x, y) => x.scatter(0, Where, y), (x, y) => Scattered(x, y, (_, added) => added) },
        { "ScatterInPlaceSrc", X, Source, (x, y) => x.clone().scatter_(0, Where, y), (x, y) => Scattered(x, y, (_, added) => added) },
        { "ScatterAddInPlace", X, Source, (x, y) => x.clone().scatter_add_(0, Where, y), (x, y) => Scattered(x, y, (old, added) => old + added) },
        {
            "MaskedFillScalar", X, x => x.masked_fill(Mask([4], true, false, false, true), -7),
            x => From([3, 4], i => i[1] is 0 or 3 ? -7 : x[i])
        },
        { "WhereSelf", X, Random([4]), (x, y) => where(Mask([4], true, false, true, false), x, y), (x, y) => From([3, 4], i => i[1] % 2 == 0 ? x[i] : y[i[1]]) },
    };

    private static Tensor Put(Tensor x, Tensor y)
    {
        var changed = x.clone();
        changed[TensorIndex.Tensor(Integers(2, 0))] = y;
        return changed;
    }

    private static NdArray Scattered(NdArray target, NdArray source, Func<double, double, double> change)
    {
        var values = target.Values.ToArray();
        for (var i = 0; i < 2; i++)
            for (var j = 0; j < 4; j++)
            {
                var at = (WhereRow[i, j] * 4) + j;
                values[at] = change(values[at], source[i, j]);
            }
        return new NdArray(target.Shape, values);
    }
}
