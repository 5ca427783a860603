using LoraRecycle.Torch.Tests.Numerics;
using static LoraRecycle.Torch.Tests.Numerics.NdArray;

namespace LoraRecycle.Torch.Tests.Tensors;

internal static class ReductionRows
{
    private static readonly NdArray X = Random([2, 3, 4]);
    private static readonly NdArray Bits = Random([3, 4], -0.3, 1).Map(x => x > 0 ? 1 : 0);

    public static OperatorTable Table { get; } = new()
    {
        { "Sum", X, x => x.sum(), x => x.Reduce([], row => row.Sum()) },
        { "SumDimIntList", X, x => x.sum(1), x => x.Reduce([1], row => row.Sum()) },
        { "SumDimIntList", X, x => x.sum([0, -1], keepdim: true), x => x.Reduce([0, 2], row => row.Sum(), true) },
        { "Mean", X, x => x.mean(), x => x.Reduce([], row => row.Average()) },
        { "MeanDim", X, x => x.mean([1, 2]), x => x.Reduce([1, 2], row => row.Average()) },
        { "MeanDim", X, x => x.mean([-1], keepdim: true), x => x.Reduce([2], row => row.Average(), true) },
        { "VarDim", X, x => x.var([2]), x => x.Reduce([2], row => Variance(row, 1)) },
        { "VarDim", X, x => x.var([0, 2], unbiased: false, keepdim: true), x => x.Reduce([0, 2], row => Variance(row, 0), true) },
        { "VarMeanDim", X, x => x.var_mean([2], unbiased: false).Item1, x => x.Reduce([2], row => Variance(row, 0)) },
        { "VarMeanDim", X, x => x.var_mean([0, 2]).Item2, x => x.Reduce([0, 2], row => row.Average()) },
        { "StdDim", X, x => x.std([1]), x => x.Reduce([1], row => Math.Sqrt(Variance(row, 1))) },
        { "Max", X, x => x.max(), x => x.Reduce([], row => row.Max()) },
        { "MaxDim", X, x => x.max(1).values, x => x.Reduce([1], row => row.Max()) },
        { "MaxDim", X, x => x.max(-1, keepdim: true).indexes, x => x.Reduce([2], row => Array.IndexOf(row, row.Max()), true), false },
        { "Min", X, x => x.min(), x => x.Reduce([], row => row.Min()) },
        { "MinDim", X, x => x.min(1).values, x => x.Reduce([1], row => row.Min()) },
        { "MinDim", X, x => x.min(0).indexes, x => x.Reduce([0], row => Array.IndexOf(row, row.Min())), false },
        { "Amax", X, x => x.amax([0, 2]), x => x.Reduce([0, 2], row => row.Max()) },
        { "Amin", X, x => x.amin([1], keepdim: true), x => x.Reduce([1], row => row.Min(), true) },
        { "Argmax", X, x => x.argmax(), x => x.Reduce([], row => Array.IndexOf(row, row.Max())), false },
        { "Argmax", X, x => x.argmax(1, keepdim: true), x => x.Reduce([1], row => Array.IndexOf(row, row.Max()), true), false },
        { "Argsort", X, x => x.argsort(), x => Rows(x, Order), false },
        { "Sort", X, x => x.sort().Values, x => Rows(x, row => [.. row.Order()]) },
        { "Sort", X, x => x.sort(-1, descending: true).Indices, x => Rows(x, row => Order([.. row.Select(v => -v)])), false },
        { "Topk", X, x => x.topk(2).values, x => Rows(x, row => [.. row.OrderDescending().Take(2)]) },
        { "Topk", X, x => x.topk(2, largest: false).indexes, x => Rows(x, row => [.. Order(row).Take(2)]), false },
        { "LinalgVectorNorm", X, x => x.norm(), x => x.Reduce([], row => Math.Sqrt(row.Sum(v => v * v))) },
        { "LinalgVectorNorm", X, x => x.norm(1, keepdim: true, p: 1), x => x.Reduce([1], row => row.Sum(Math.Abs), true) },
        { "Logsumexp", X, x => x.logsumexp(2), x => x.Reduce([2], row => Math.Log(row.Sum(Math.Exp))) },
        { "Cumsum", X, x => x.cumsum(-1), x => Rows(x, row => [.. row.Select((_, i) => row.Take(i + 1).Sum())]) },
        { "All", Bits, x => x.all(), x => x.Reduce([], row => row.Min()), false },
        { "AllDim", Bits, x => x.all(1), x => x.Reduce([1], row => row.Min()), false },
        { "Any", Bits, x => x.any(), x => x.Reduce([], row => row.Max()), false },
        { "AnyDim", Bits, x => x.any(0, keepdim: true), x => x.Reduce([0], row => row.Max(), true), false },
    };

    private static double Variance(double[] row, int correction) => row.Sum(v => Math.Pow(v - row.Average(), 2)) / (row.Length - correction);

    private static double[] Order(double[] row) => [.. Enumerable.Range(0, row.Length).OrderBy(i => row[i]).Select(i => (double)i)];

    /// <summary>Each row along the last dimension, changed as a whole.</summary>
    private static NdArray Rows(NdArray x, Func<double[], double[]> change)
    {
        var rows = x.Values.Chunk((int)x.Shape[^1]).Select(change).ToArray();
        return new NdArray([.. x.Shape[..^1], rows[0].Length], [.. rows.SelectMany(row => row)]);
    }
}
