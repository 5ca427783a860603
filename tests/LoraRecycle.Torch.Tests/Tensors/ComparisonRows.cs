using LoraRecycle.Torch.Tests.Numerics;
using static LoraRecycle.Torch.Tests.Numerics.NdArray;

namespace LoraRecycle.Torch.Tests.Tensors;

internal static class ComparisonRows
{
    // Few different whole numbers, so that equality happens.
    private static readonly NdArray X = Random([4, 5], -2, 2).Map(Math.Round);
    private static readonly NdArray Y = Random([5], -2, 2).Map(Math.Round);
    private static readonly NdArray Odd = Of(0, 1, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity);

    public static OperatorTable Table { get; } = new()
    {
        { "EqTensor", X, Y, (x, y) => x.eq(y), (x, y) => x == y ? 1 : 0, false },
        { "EqScalar", X, x => x.eq(1), x => x == 1 ? 1 : 0, false },
        { "NeTensor", X, Y, (x, y) => x.ne(y), (x, y) => x != y ? 1 : 0, false },
        { "NeScalar", X, x => x.ne(1), x => x != 1 ? 1 : 0, false },
        { "GtTensor", X, Y, (x, y) => x > y, (x, y) => x > y ? 1 : 0, false },
        { "GtScalar", X, x => x > 1, x => x > 1 ? 1 : 0, false },
        { "GeTensor", X, Y, (x, y) => x >= y, (x, y) => x >= y ? 1 : 0, false },
        { "GeScalar", X, x => x >= 1, x => x >= 1 ? 1 : 0, false },
        { "LtTensor", X, Y, (x, y) => x < y, (x, y) => x < y ? 1 : 0, false },
        { "LtScalar", X, x => x < 1, x => x < 1 ? 1 : 0, false },
        { "LeTensor", X, Y, (x, y) => x <= y, (x, y) => x <= y ? 1 : 0, false },
        { "LeScalar", X, x => x <= 1, x => x <= 1 ? 1 : 0, false },
        { "LogicalAnd", X, Y, (x, y) => x.logical_and(y), (x, y) => x != 0 && y != 0 ? 1 : 0, false },
        { "LogicalOr", X, Y, (x, y) => x.logical_or(y), (x, y) => x != 0 || y != 0 ? 1 : 0, false },
        { "LogicalNot", X, x => x.logical_not(), x => x == 0 ? 1 : 0, false },
        { "Isfinite", Odd, x => x.isfinite(), x => double.IsFinite(x) ? 1 : 0, false },
        { "Isnan", Odd, x => x.isnan(), x => double.IsNaN(x) ? 1 : 0, false },
    };
}
