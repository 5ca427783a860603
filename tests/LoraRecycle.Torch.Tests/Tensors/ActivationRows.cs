using LoraRecycle.Torch.Tests.Numerics;
using static LoraRecycle.Torch.Tests.Numerics.NdArray;
using static TorchSharp.torch.nn;

namespace LoraRecycle.Torch.Tests.Tensors;

internal static class ActivationRows
{
    private static readonly NdArray X = Random([2, 4], -3, 3);

    public static OperatorTable Table { get; } = new()
    {
        { "SoftmaxInt", X, x => x.softmax(-1), x => Softmax(x) },
        { "SoftmaxInt", X, x => functional.softmax(x, 1), x => Softmax(x) },
        { "LogSoftmaxInt", X, x => x.log_softmax(1), x => Softmax(x).Map(Math.Log) },
        { "LogSoftmaxInt", X, x => functional.log_softmax(x, 1), x => Softmax(x).Map(Math.Log) },
        { "Sigmoid", X, x => x.sigmoid(), Sigmoid },
        { "SigmoidInPlace", X, x => x.clone().sigmoid_(), Sigmoid },
        { "Tanh", X, x => x.tanh(), Math.Tanh },
        { "TanhInPlace", X, x => x.clone().tanh_(), Math.Tanh },
        { "Relu", X, x => x.relu(), x => Math.Max(x, 0) },
        { "Relu", X, x => functional.relu(x), x => Math.Max(x, 0) },
        { "ReluInPlace", X, x => x.clone().relu_(), x => Math.Max(x, 0) },
        { "Silu", X, x => x.silu(), x => x * Sigmoid(x) },
        { "SiluInPlace", X, x => x.clone().silu_(), x => x * Sigmoid(x) },
        { "Gelu", X, x => x.gelu(), Gelu },
        { "Gelu", X, x => x.gelu(TorchSharp.Modules.GELU.Approximate.none), Gelu },
        { "Gelu", X, x => x.gelu(TorchSharp.Modules.GELU.Approximate.tanh), GeluByTanh },
        { "GeluInPlace", X, x => x.clone().gelu_(), Gelu },
        { "GeluInPlace", X, x => x.clone().gelu_(TorchSharp.Modules.GELU.Approximate.tanh), GeluByTanh },
    };

    /// <summary>Along the last dimension.</summary>
    public static NdArray Softmax(NdArray x)
    {
        var exponents = x.Map(Math.Exp);
        return exponents.Zip(exponents.Reduce([-1], row => row.Sum(), keepdim: true), (a, sum) => a / sum);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Gelu(double x) => x * (1 + Erf(x / Math.Sqrt(2))) / 2;

    private static double GeluByTanh(double x) => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))) / 2;

    /// <summary>The error function by its power series.</summary>
    private static double Erf(double x)
    {
        var (sum, term) = (0.0, x);
        for (var n = 0; n < 100; n++)
        {
            sum += term / ((2 * n) + 1);
            term *= -x * x / (n + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
