using LoraRecycle.Torch.Tests.Numerics;
using static LoraRecycle.Torch.Tests.Numerics.NdArray;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Tensors;

internal static class ArithmeticRows
{
    private static readonly NdArray Signed = Random([2, 3]);
    private static readonly NdArray Other = Random([2, 3], seed: 2);
    private static readonly NdArray Row = Random([3]);
    private static readonly NdArray Column = Random([2, 1]);
    private static readonly NdArray Positive = Random([2, 3], 0.3, 3);

    public static OperatorTable Table { get; } = new()
    {
        { "Abs", Signed, x => x.abs(), Math.Abs },
        { "Neg", Signed, x => x.neg(), x => -x },
        { "Neg", Signed, x => -x, x => -x },
        { "Square", Signed, x => x.square(), x => x * x },
        { "Sqrt", Positive, x => x.sqrt(), Math.Sqrt },
        { "Rsqrt", Positive, x => x.rsqrt(), x => 1 / Math.Sqrt(x) },
        { "Exp", Signed, x => x.exp(), Math.Exp },
        { "Log", Positive, x => x.log(), Math.Log },
        { "Sin", Signed, x => x.sin(), Math.Sin },
        { "Cos", Signed, x => x.cos(), Math.Cos },
        { "Sign", Signed, x => x.sign(), x => Math.Sign(x) },
        { "Reciprocal", Positive, x => x.reciprocal(), x => 1 / x },
        { "Round", Signed, x => x.round(), x => Math.Round(x, MidpointRounding.ToEven) },
        { "Round", Of(-1.5, -0.5, 0.5, 1.5, 2.5), x => x.round(), x => Math.Round(x, MidpointRounding.ToEven), false },
        { "Clamp", Signed, x => x.clamp(-0.5, 0.8), x => Math.Clamp(x, -0.5, 0.8) },
        { "Clamp", Signed, x => x.clamp(min: 0.1), x => Math.Max(x, 0.1) },
        { "Clamp", Signed, x => x.clamp(max: 0.1), x => Math.Min(x, 0.1) },
        { "ClampInPlace", Signed, x => x.clone().clamp_(-0.5, 0.8), x => Math.Clamp(x, -0.5, 0.8) },
        { "PowTensorScalar", Signed, x => x.pow(3), x => x * x * x },
        { "PowTensorScalar", Positive, x => x.pow(-0.7), x => Math.Pow(x, -0.7) },
        { "PowTensorTensor", Positive, Row, (x, y) => x.pow(y), Math.Pow },
        { "Maximum", Signed, Row, (x, y) => x.maximum(y), Math.Max },
        { "Minimum", Signed, Column, (x, y) => x.minimum(y), Math.Min },

        { "AddTensor", Signed, Row, (x, y) => x.add(y), (x, y) => x + y },
        { "AddTensor", Column, Row, (x, y) => x + y, (x, y) => x + y },
        { "AddTensor", Signed, Other, (x, y) => x.add(y, 0.3), (x, y) => x + (0.3 * y) },
        { "AddScalar", Signed, x => x.add(1.7), x => x + 1.7 },
        { "AddScalar", Signed, x => 2 + (x + 3), x => 5 + x },
        { "AddInPlaceTensor", Signed, Row, (x, y) => x.clone().add_(y), (x, y) => x + y },
        { "AddInPlaceTensor", Signed, Row, (x, y) => x.clone().add_(y, -2), (x, y) => x - (2 * y) },
        { "AddInPlaceScalar", Signed, x => x.clone().add_(1.7), x => x + 1.7 },
        { "SubTensor", Signed, Row, (x, y) => x.sub(y), (x, y) => x - y },
        { "SubTensor", Column, Row, (x, y) => x - y, (x, y) => x - y },
        { "SubScalar", Signed, x => x.sub(1.7), x => x - 1.7 },
        { "SubScalar", Signed, x => 1 - (x - 3), x => 4 - x },
        { "SubInPlaceTensor", Signed, Row, (x, y) => x.clone().sub_(y), (x, y) => x - y },
        { "SubInPlaceScalar", Signed, x => x.clone().sub_(1.7), x => x - 1.7 },
        { "MulTensor", Signed, Row, (x, y) => x.mul(y), (x, y) => x * y },
        { "MulTensor", Column, Row, (x, y) => x * y, (x, y) => x * y },
        { "MulScalar", Signed, x => x.mul(1.7), x => x * 1.7 },
        { "MulScalar", Signed, x => 2 * (x * 3), x => 6 * x },
        { "MulInPlaceTensor", Signed, Row, (x, y) => x.clone().mul_(y), (x, y) => x * y },
        { "MulInPlaceScalar", Signed, x => x.clone().mul_(1.7), x => x * 1.7 },
        { "DivTensor", Signed, Positive, (x, y) => x.div(y), (x, y) => x / y },
        { "DivTensor", Row, Positive, (x, y) => x / y, (x, y) => x / y },
        { "DivScalar", Signed, x => x.div(1.7), x => x / 1.7 },
        { "DivScalar", Positive, x => 2 / (x / 3), x => 6 / x },
        { "DivInPlaceTensor", Signed, Positive, (x, y) => x.clone().div_(y), (x, y) => x / y },
        { "DivInPlaceScalar", Signed, x => x.clone().div_(1.7), x => x / 1.7 },
        {
            ["AddcmulInPlace"], [Signed, Other, Row], x => x[0].clone().addcmul_(x[1], x[2], 0.4),
            x => x[0].Zip(x[1].Zip(x[2], (a, b) => 0.4 * a * b), (a, b) => a + b)
        },
        {
            ["Addcmul"], [Signed, Other, Row], x => x[0].addcmul(x[1], x[2], 0.4),
            x => x[0].Zip(x[1].Zip(x[2], (a, b) => 0.4 * a * b), (a, b) => a + b)
        },
        {
            ["AddcdivInPlace"], [Signed, Other, Positive], x => x[0].clone().addcdiv_(x[1], x[2], -0.4),
            x => x[0].Zip(x[1].Zip(x[2], (a, b) => -0.4 * a / b), (a, b) => a + b)
        },

        { "Mm", Random([2, 3]), Random([3, 4]), (x, y) => x.mm(y), (x, y) => x.MatMul(y) },
        { "Matmul", Random([2, 3]), Random([3, 4]), (x, y) => x.matmul(y), (x, y) => x.MatMul(y) },
        { "Matmul", Random([2, 2, 3]), Random([3, 2]), (x, y) => matmul(x, y), (x, y) => Batched(x, Repeated(y, 2)) },
        { "Bmm", Random([2, 2, 3]), Random([2, 3, 2]), (x, y) => x.bmm(y), Batched },
        { "Bmm", Random([2, 2, 3]), Random([2, 3, 2]), (x, y) => bmm(x, y), Batched },
        { "Outer", Random([2]), Random([3]), (x, y) => x.outer(y), (x, y) => x.Reshape(2, 1).MatMul(y.Reshape(1, 3)) },
        { ["Addmm"], [Random([2, 2]), Random([2, 3]), Random([3, 2])], x => x[0].addmm(x[1], x[2], 0.5f, 2), Accumulated },
        { ["AddmmInPlace"], [Random([2, 2]), Random([2, 3]), Random([3, 2])], x => x[0].clone().addmm_(x[1], x[2], 0.5f, 2), Accumulated },
        {
            ["Baddbmm"], [Random([2, 2, 2]), Random([2, 2, 3]), Random([2, 3, 2])], x => baddbmm(x[0], x[1], x[2], 0.5f, 2),
            x => x[0].Zip(Batched(x[1], x[2]), (a, b) => (0.5 * a) + (2 * b))
        },
        {
            "Cdist", Random([3, 2]), Random([4, 2]), (x, y) => cdist(x, y),
            (x, y) => From([3, 4], i => Math.Sqrt(Math.Pow(x[i[0], 0] - y[i[1], 0], 2) + Math.Pow(x[i[0], 1] - y[i[1], 1], 2)))
        },
        { ["LinalgSvd", "Matmul"], [Random([3, 2])], x => Recomposed(linalg.svd(x[0], fullMatrices: false)), x => x[0] },
        { "LinalgSvd", Random([3, 2]), x => linalg.svd(x).S, SingularValues },
        { ["LinalgSolve", "Matmul"], [Random([3, 3]), Random([3, 2])], x => x[0].matmul(linalg.solve(x[0], x[1])), x => x[1] },
        { ["FftIfft2", "Real"], [Random([2, 3])], x => real(fft.ifft2(x[0])), x => InverseTransform(x[0]) },
    };

    private static NdArray InverseTransform(NdArray x) => From([2, 3], i => Enumerable.Range(0, 6).Sum(
        k => x[k / 3, k % 3] * Math.Cos(2 * Math.PI * ((i[0] * (k / 3) / 2.0) + (i[1] * (k % 3) / 3.0)))) / 6);

    private static NdArray Batched(NdArray left, NdArray right) => From(
        [left.Shape[0], left.Shape[1], right.Shape[2]], i => Enumerable.Range(0, (int)left.Shape[2]).Sum(k => left[i[0], i[1], k] * right[i[0], k, i[2]]));

    private static NdArray Repeated(NdArray matrix, long times) => From([times, .. matrix.Shape], i => matrix[i[1], i[2]]);

    private static NdArray Accumulated(NdArray[] x) => x[0].Zip(x[1].MatMul(x[2]), (a, b) => (0.5 * a) + (2 * b));

    private static Tensor Recomposed((Tensor U, Tensor S, Tensor Vh) parts) => parts.U.mul(parts.S).matmul(parts.Vh);

    /// <summary>Square roots of the eigenvalues of x^T x, which for two columns are roots of a quadratic.</summary>
    private static NdArray SingularValues(NdArray x)
    {
        var gram = x.Transpose().MatMul(x);
        var (half, determinant) = ((gram[0, 0] + gram[1, 1]) / 2, (gram[0, 0] * gram[1, 1]) - (gram[0, 1] * gram[1, 0]));
        var root = Math.Sqrt((half * half) - determinant);
        return Of(Math.Sqrt(half + root), Math.Sqrt(half - root));
    }
}
