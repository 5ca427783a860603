using LoraRecycle.Torch.Tests.Numerics;
using LoraRecycle.Torch.Tests.Tensors;
using static LoraRecycle.Torch.Tests.Numerics.NdArray;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LoraRecycle.Torch.Tests.nn;

internal static class FunctionalRows
{
    private static readonly NdArray X = Random([3, 4]);
    private static readonly NdArray Image = Random([2, 2, 5, 4]);

    public static OperatorTable Table { get; } = new()
    {
        { "Linear", X, Random([2, 4]), (x, w) => functional.linear(x, w), (x, w) => x.MatMul(w.Transpose()) },
        {
            ["Linear"], [X, Random([2, 4]), Random([2])], x => functional.linear(x[0], x[1], x[2]),
            x => x[0].MatMul(x[1].Transpose()).Zip(x[2], (a, b) => a + b)
        },
        { "LayerNorm", X, x => functional.layer_norm(x, [4]), x => Normalised(x, [1], 1e-5) },
        {
            ["LayerNorm"], [X, Random([4]), Random([4], seed: 2)], x => functional.layer_norm(x[0], [4], x[1], x[2], eps: 0.1),
            x => Normalised(x[0], [1], 0.1).Zip(x[1], (a, b) => a * b).Zip(x[2], (a, b) => a + b)
        },
        {
            ["BatchNorm"], [Image, Random([2]), Random([2], seed: 2)],
            x => functional.batch_norm(x[0], zeros_like(x[1]), ones_like(x[1]), x[1], x[2], training: true),
            x => Normalised(x[0], [0, 2, 3], 1e-5).Zip(x[1].Reshape(2, 1, 1), (a, b) => a * b).Zip(x[2].Reshape(2, 1, 1), (a, b) => a + b)
        },
        {
            ["BatchNorm"], [Image, Random([2])],
            x => functional.batch_norm(x[0], Of(0.5, -1).ToTensor(), Of(2, 3).ToTensor(), x[1]),
            x => From(Image.Shape, i => (x[0][i] - (i[1] == 0 ? 0.5 : -1)) / Math.Sqrt((i[1] == 0 ? 2 : 3) + 1e-5) * x[1][i[1]])
        },
        { "Conv2d", Image, Random([3, 2, 2, 3]), (x, w) => functional.conv2d(x, w), (x, w) => Convolved(x, w, 1, 0, 1, 1) },
        {
            "Conv2d", Image, Random([4, 1, 2, 2]),
            (x, w) => functional.conv2d(x, w, null, [2, 2], [1, 1], [2, 2], groups: 2), (x, w) => Convolved(x, w, 2, 1, 2, 2)
        },
        {
            ["Conv2d"], [Image, Random([3, 2, 2, 3]), Random([3])], x => functional.conv2d(x[0], x[1], x[2]),
            x => Convolved(x[0], x[1], 1, 0, 1, 1).Zip(x[2].Reshape(3, 1, 1), (a, b) => a + b)
        },
        {
            "MaxPool2d", Image, x => functional.max_pool2d(x, [2, 2]),
            x => From([2, 2, 2, 2], i => Window(x, i, i[2] * 2, (i[2] * 2) + 2, i[3] * 2, (i[3] * 2) + 2).Max())
        },
        {
            "MaxPool2d", Image, x => functional.max_pool2d(x, [3, 3], [2, 2], [1, 1]),
            x => From([2, 2, 3, 2], i => Window(x, i, (i[2] * 2) - 1, (i[2] * 2) + 2, (i[3] * 2) - 1, (i[3] * 2) + 2).Max())
        },
        {
            "AdaptiveAvgPool2d", Image, x => functional.adaptive_avg_pool2d(x, [2, 2]),
            x => From([2, 2, 2, 2], i => Window(x, i, i[2] * 5 / 2, (((i[2] + 1) * 5) + 1) / 2, i[3] * 2, (i[3] * 2) + 2).Average())
        },
        { "Dropout", X, x => functional.dropout(x, 0.5, training: false), x => x },
        { ["LinalgVectorNorm", "Clamp", "DivTensor"], [X], x => functional.normalize(x[0]), x => UnitRows(x[0]) },
        {
            ["ScaledDotProductAttention", "Baddbmm", "Bmm", "SoftmaxInt"],
            [Random([1, 1, 3, 2]), Random([1, 1, 4, 2]), Random([1, 1, 4, 2], seed: 2)],
            x => functional.scaled_dot_product_attention(x[0], x[1], x[2]),
            x => Attention(x[0].Reshape(3, 2), x[1].Reshape(4, 2), x[2].Reshape(4, 2)).Reshape(1, 1, 3, 2)
        },
        {
            // Heads as a model makes them: a transposed view of [batch, tokens, heads, d].
            ["ScaledDotProductAttention", "TransposeInt"], [Random([1, 3, 2, 2]), Random([1, 3, 2, 2], seed: 2), Random([1, 3, 2, 2], seed: 3)],
            x => functional.scaled_dot_product_attention(x[0].transpose(1, 2), x[1].transpose(1, 2), x[2].transpose(1, 2)),
            x => From([1, 2, 3, 2], i => Attention(Head(x[0], i[1]), Head(x[1], i[1]), Head(x[2], i[1]))[i[2], i[3]])
        },
    };

    private static NdArray Normalised(NdArray x, long[] dims, double eps)
    {
        var centred = x.Zip(x.Reduce(dims, row => row.Average(), true), (a, mean) => a - mean);
        return centred.Zip(centred.Reduce(dims, row => row.Average(v => v * v), true), (a, variance) => a / Math.Sqrt(variance + eps));
    }

    private static NdArray UnitRows(NdArray x) => x.Zip(x.Reduce([1], row => Math.Sqrt(row.Sum(v => v * v)), true), (a, norm) => a / norm);

    private static NdArray Attention(NdArray query, NdArray key, NdArray value) =>
        ActivationRows.Softmax(query.MatMul(key.Transpose()).Map(score => score / Math.Sqrt(2))).MatMul(value);

    private static NdArray Head(NdArray x, long head) => From([3, 2], i => x[0, i[0], head, i[1]]);

    private static NdArray Convolved(NdArray x, NdArray w, long stride, long padding, long dilation, long groups)
    {
        long Size(int d) => ((x.Shape[d] + (2 * padding) - (dilation * (w.Shape[d] - 1)) - 1) / stride) + 1;
        var (inputs, outputs) = (x.Shape[1] / groups, w.Shape[0] / groups);
        return From([x.Shape[0], w.Shape[0], Size(2), Size(3)], o => Indices([inputs, w.Shape[2], w.Shape[3]]).Sum(k =>
        {
            var (row, column) = ((o[2] * stride) - padding + (k[1] * dilation), (o[3] * stride) - padding + (k[2] * dilation));
            var inside = row >= 0 && row < x.Shape[2] && column >= 0 && column < x.Shape[3];
            return inside ? x[o[0], (o[1] / outputs * inputs) + k[0], row, column] * w[o[1], k[0], k[1], k[2]] : 0;
        }));
    }

    /// <summary>The elements of one channel between rows and columns, as far as they exist.</summary>
    private static double[] Window(NdArray x, long[] at, long top, long bottom, long left, long right)
    {
        var found = new List<double>();
        for (var row = Math.Max(top, 0); row < Math.Min(bottom, x.Shape[2]); row++)
            for (var column = Math.Max(left, 0); column < Math.Min(right, x.Shape[3]); column++)
                found.Add(x[at[0], at[1], row, column]);
        return [.. found];
    }
}
