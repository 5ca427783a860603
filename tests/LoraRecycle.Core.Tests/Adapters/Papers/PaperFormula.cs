using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters.Papers;

/// <summary>The papers' formulas in plain double arithmetic: nothing of the code under test, nor of torch, is in them.</summary>
internal static class PaperFormula
{
    /// <summary>W + scale B C A</summary>
    public static double[,] Core(Tensor weight, Tensor a, Tensor b, double[,] core, double scale) =>
        Plus(Matrix(weight), Times(Times(Matrix(b), core), Matrix(a)), scale);

    /// <summary>W + scale (B1 + ... + Bn) A, B's columns being those of B1, then those of B2, and so on.</summary>
    public static double[,] Blocks(Tensor weight, Tensor a, Tensor b, int blocks, double scale)
    {
        var (all, width) = (Matrix(b), (int)b.shape[1] / blocks);
        var sum = new double[all.GetLength(0), width];
        for (var block = 0; block < blocks; block++)
            for (var i = 0; i < sum.GetLength(0); i++)
                for (var j = 0; j < width; j++)
                    sum[i, j] += all[i, (block * width) + j];
        return Plus(Matrix(weight), Times(sum, Matrix(a)), scale);
    }

    /// <summary>W z' + b where every head's part of z' is (1 + A) z + v, for the rows z of an input.</summary>
    /// <param name="input"><c>[n, in]</c></param>
    /// <param name="weight"><c>[out, in]</c></param>
    /// <param name="bias"><c>[out]</c></param>
    /// <param name="size">Of a head.</param>
    /// <param name="scale">A head's A, or null.</param>
    /// <param name="offset">A head's v, or null.</param>
    public static double[,] Heads(
        Tensor input,
        Tensor weight,
        Tensor bias,
        int size,
        Func<int, double[]?> scale,
        Func<int, double[]?> offset
    )
    {
        var z = Matrix(input);
        for (var row = 0; row < z.GetLength(0); row++)
            for (var i = 0; i < z.GetLength(1); i++)
                z[row, i] = ((1 + (scale(i / size)?[i % size] ?? 0)) * z[row, i]) + (offset(i / size)?[i % size] ?? 0);
        return Linear(z, Matrix(weight), Vector(bias));
    }

    /// <summary>
    /// The feed-forward block of MixLoRA, token by token: the chosen experts' shares are their softmax over all experts,
    /// made to sum to one; each expert is fc2 (act (fc1 x)) with both layers adapted.
    /// </summary>
    public static double[,] Mixture(
        Tensor tokens,
        Tensor router,
        (Tensor W, Tensor Bias) fc1,
        (Tensor W, Tensor Bias) fc2,
        IReadOnlyList<(Tensor A1, Tensor B1, Tensor A2, Tensor B2)> experts,
        double scale,
        int chosen,
        Func<double, double> activation
    )
    {
        var (x, gate) = (Matrix(tokens), Matrix(router));
        var output = new double[x.GetLength(0), fc2.W.shape[0]];
        var adapted = experts.Select(e => (
            First: Plus(Matrix(fc1.W), Times(Matrix(e.B1), Matrix(e.A1)), scale),
            Second: Plus(Matrix(fc2.W), Times(Matrix(e.B2), Matrix(e.A2)), scale))).ToArray();
        for (var token = 0; token < x.GetLength(0); token++)
        {
            var row = Row(x, token);
            var logits = Enumerable
                .Range(0, experts.Count)
                .Select(e => Enumerable.Range(0, row.GetLength(1)).Sum(i => gate[e, i] * row[0, i]))
                .ToArray();
            var softmax = logits.Select(logit => Math.Exp(logit) / logits.Sum(Math.Exp)).ToArray();
            var best = Enumerable.Range(0, experts.Count).OrderByDescending(e => softmax[e]).Take(chosen).ToArray();
            foreach (var expert in best)
            {
                var inner = Linear(row, adapted[expert].First, Vector(fc1.Bias));
                for (var i = 0; i < inner.GetLength(1); i++)
                    inner[0, i] = activation(inner[0, i]);
                var out1 = Linear(inner, adapted[expert].Second, Vector(fc2.Bias));
                for (var i = 0; i < out1.GetLength(1); i++)
                    output[token, i] += softmax[expert] / best.Sum(e => softmax[e]) * out1[0, i];
            }
        }
        return output;
    }

    public static double[,] Matrix(Tensor tensor)
    {
        var values = tensor.data<float>().ToArray();
        var matrix = new double[tensor.shape[0], tensor.shape[1]];
        for (var i = 0; i < matrix.GetLength(0); i++)
            for (var j = 0; j < matrix.GetLength(1); j++)
                matrix[i, j] = values[(i * matrix.GetLength(1)) + j];
        return matrix;
    }

    public static double[] Vector(Tensor tensor) => [.. tensor.data<float>().ToArray().Select(value => (double)value)];

    public static double[,] Diagonal(IReadOnlyList<double> values)
    {
        var matrix = new double[values.Count, values.Count];
        for (var i = 0; i < values.Count; i++)
            matrix[i, i] = values[i];
        return matrix;
    }

    private static double[,] Row(double[,] matrix, int row)
    {
        var copy = new double[1, matrix.GetLength(1)];
        for (var j = 0; j < matrix.GetLength(1); j++)
            copy[0, j] = matrix[row, j];
        return copy;
    }

    /// <summary>x W^T + b</summary>
    private static double[,] Linear(double[,] x, double[,] weight, double[] bias)
    {
        var y = new double[x.GetLength(0), weight.GetLength(0)];
        for (var i = 0; i < y.GetLength(0); i++)
            for (var j = 0; j < y.GetLength(1); j++)
            {
                y[i, j] = bias[j];
                for (var k = 0; k < x.GetLength(1); k++)
                    y[i, j] += x[i, k] * weight[j, k];
            }
        return y;
    }

    private static double[,] Times(double[,] left, double[,] right)
    {
        var product = new double[left.GetLength(0), right.GetLength(1)];
        for (var i = 0; i < product.GetLength(0); i++)
            for (var j = 0; j < product.GetLength(1); j++)
                for (var k = 0; k < left.GetLength(1); k++)
                    product[i, j] += left[i, k] * right[k, j];
        return product;
    }

    private static double[,] Plus(double[,] matrix, double[,] more, double factor)
    {
        for (var i = 0; i < matrix.GetLength(0); i++)
            for (var j = 0; j < matrix.GetLength(1); j++)
                matrix[i, j] += factor * more[i, j];
        return matrix;
    }
}
