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

    /// <summary>W less the part of its smallest singular values, as many as the rank, + scale B diag(d) A</summary>
    public static double[,] Kasa(torch.Tensor weight, torch.Tensor a, torch.Tensor b, torch.Tensor diagonal, double scale)
    {
        var (w, d) = (Lora(weight, a, b.mul(diagonal), scale), diagonal.data<float>().ToArray());
        foreach (var (left, right) in SingularPairs(Matrix(weight)).OrderBy(pair => Square(pair.Left)).Take(d.Length))
            for (var i = 0; i < left.Length; i++)
                for (var j = 0; j < right.Length; j++)
                    w[i, j] -= left[i] * right[j];
        return w;
    }

    /// <summary>
    /// The terms that a matrix is the sum of, in its singular value decomposition: left vectors times their values, and
    /// right vectors. By Jacobi's rotations of the columns until all are orthogonal.
    /// </summary>
    private static IEnumerable<(double[] Left, double[] Right)> SingularPairs(double[,] matrix)
    {
        var (rows, columns) = (matrix.GetLength(0), matrix.GetLength(1));
        var left = Enumerable.Range(0, columns).Select(j => Enumerable.Range(0, rows).Select(i => matrix[i, j]).ToArray()).ToArray();
        var right = Enumerable
            .Range(0, columns)
            .Select(j => Enumerable.Range(0, columns).Select(i => i == j ? 1.0 : 0).ToArray())
            .ToArray();
        for (var (sweep, turned) = (0, true); turned && sweep < 60; sweep++)
        {
            turned = false;
            for (var p = 0; p < columns; p++)
                for (var q = p + 1; q < columns; q++)
                {
                    var (alpha, beta, gamma) = (Square(left[p]), Square(left[q]), left[p].Zip(left[q], (x, y) => x * y).Sum());
                    if (Math.Abs(gamma) <= 1e-13 * Math.Sqrt(alpha * beta)) continue;
                    turned = true;
                    var zeta = (beta - alpha) / (2 * gamma);
                    var t = (zeta < 0 ? -1 : 1) / (Math.Abs(zeta) + Math.Sqrt(1 + (zeta * zeta)));
                    var cosine = 1 / Math.Sqrt(1 + (t * t));
                    Turn(left[p], left[q], cosine, cosine * t);
                    Turn(right[p], right[q], cosine, cosine * t);
                }
        }
        return left.Zip(right);
    }

    private static void Turn(double[] p, double[] q, double cosine, double sine)
    {
        for (var i = 0; i < p.Length; i++)
            (p[i], q[i]) = ((cosine * p[i]) - (sine * q[i]), (sine * p[i]) + (cosine * q[i]));
    }

    private static double Square(double[] vector) => vector.Sum(value => value * value);

    /// <summary>Whether two tensors have the same values to the last bit.</summary>
    public static bool Same(torch.Tensor one, torch.Tensor other) =>
        one.shape.SequenceEqual(other.shape) && one.eq(other).all().item<bool>();

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
