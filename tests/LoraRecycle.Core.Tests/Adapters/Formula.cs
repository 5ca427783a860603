using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

/// <summary>The papers' formulas in plain double arithmetic: nothing of the code under test, nor of torch, is in them.</summary>
internal static class Formula
{
    /// <summary>W + scale B A</summary>
    public static double[,] Lora(torch.Tensor weight, torch.Tensor a, torch.Tensor b, double scale)
    {
        var (w, factorA, factorB) = (Matrix(weight), Matrix(a), Matrix(b));
        for (var i = 0; i < w.GetLength(0); i++)
            for (var j = 0; j < w.GetLength(1); j++)
                for (var r = 0; r < factorA.GetLength(0); r++)
                    w[i, j] += scale * factorB[i, r] * factorA[r, j];
        return w;
    }

    /// <summary>Every row of W + scale B A, scaled to the length that the magnitude gives it.</summary>
    public static double[,] Dora(torch.Tensor weight, torch.Tensor a, torch.Tensor b, torch.Tensor magnitude, double scale)
    {
        var (w, m) = (Lora(weight, a, b, scale), magnitude.data<float>().ToArray());
        for (var i = 0; i < w.GetLength(0); i++)
        {
            double squares = 0;
            for (var j = 0; j < w.GetLength(1); j++)
                squares += w[i, j] * w[i, j];
            for (var j = 0; j < w.GetLength(1); j++)
                w[i, j] *= m[i] / Math.Sqrt(squares);
        }

        return w;
    }

    /// <summary>The largest difference, relative to the largest value expected.</summary>
    public static double RelativeError(torch.Tensor actual, double[,] expected) =>
        RelativeError(actual, expected.Cast<double>());

    public static double RelativeError(torch.Tensor actual, torch.Tensor expected) =>
        RelativeError(actual, expected.data<float>().ToArray().Select(value => (double)value));

    private static double RelativeError(torch.Tensor actual, IEnumerable<double> expected)
    {
        var pairs = actual.data<float>().ToArray().Zip(expected).ToArray();
        Assert.Equal(actual.numel(), pairs.Length);
        return pairs.Max(pair => Math.Abs(pair.First - pair.Second)) / pairs.Max(pair => Math.Abs(pair.Second));
    }

    private static double[,] Matrix(torch.Tensor tensor)
    {
        var values = tensor.data<float>().ToArray();
        var (rows, columns) = ((int)tensor.shape[0], (int)tensor.shape[1]);
        var matrix = new double[rows, columns];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++)
                matrix[i, j] = values[(i * columns) + j];
        return matrix;
    }
}
