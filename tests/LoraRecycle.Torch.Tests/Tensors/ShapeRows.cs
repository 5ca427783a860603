using LoraRecycle.Torch.Tests.Numerics;
using static LoraRecycle.Torch.Tests.Numerics.NdArray;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Tensors;

internal static class ShapeRows
{
    private static readonly NdArray X = Random([2, 3, 4]);
    private static readonly NdArray Matrix = Random([3, 4]);

    public static OperatorTable Table { get; } = new()
    {
        { "Reshape", X, x => x.transpose(0, 1).reshape(2, -1), x => From([2, 12], i => Swapped(x).Values[(i[0] * 12) + i[1]]) },
        { "View", X, x => x.view(6, 4), x => x.Reshape(6, 4) },
        { "FlattenUsingInts", X, x => x.flatten(1), x => x.Reshape(2, 12) },
        { "TransposeInt", X, x => x.transpose(0, 1), Swapped },
        { "TransposeInt", Matrix, x => x.T, x => x.Transpose() },
        { "TransposeInt", X, x => x.mT, x => From([2, 4, 3], i => x[i[0], i[2], i[1]]) },
        { "Permute", X, x => x.permute(2, 0, 1), x => From([4, 2, 3], i => x[i[1], i[2], i[0]]) },
        { "Unsqueeze", Matrix, x => x.unsqueeze(1), x => x.Reshape(3, 1, 4) },
        { "Squeeze", Random([1, 3, 1]), x => x.squeeze(), x => x.Reshape(3) },
        { "SqueezeDim", Random([1, 3, 1]), x => x.squeeze(-1), x => x.Reshape(1, 3) },
        { "Expand", Random([3, 1]), x => x.expand(2, 3, 2), x => From([2, 3, 2], i => x[i[1], 0]) },
        { "Expand", Random([3, 1]), x => x.expand_as(zeros(3, 2)), x => From([3, 2], i => x[i[0], 0]) },
        { "Repeat", Matrix, x => x.repeat(2, 1), x => From([6, 4], i => x[i[0] % 3, i[1]]) },
        { "Flip", Matrix, x => x.flip(0, 1), x => From([3, 4], i => x[2 - i[0], 3 - i[1]]) },
        { "Roll", Matrix, x => x.roll([1, -1], [0, 1]), x => From([3, 4], i => x[(i[0] + 2) % 3, (i[1] + 1) % 4]) },
        { "Contiguous", Matrix, x => x.T.contiguous(), x => x.Transpose() },
        { "Diag", Random([3]), x => x.diag(), x => From([3, 3], i => i[0] == i[1] ? x[i[0]] : 0) },
        { "Diag", Matrix, x => x.diag(1), x => Of(x[0, 1], x[1, 2], x[2, 3]) },
        { "Chunk", Matrix, x => x.chunk(3, 1)[1], x => From([3, 2], i => x[i[0], i[1] + 2]) },
        { "SplitTensor", Matrix, x => x.split(3, 1)[1], x => From([3, 1], i => x[i[0], 3]) },
        { "SplitWithSizes", Matrix, x => x.split([1, 2, 1], 1)[1], x => From([3, 2], i => x[i[0], i[1] + 1]) },
        { "UnbindInt", Matrix, x => x.unbind(1)[2], x => From([3], i => x[i[0], 2]) },
        {
            "Cat", Random([2, 3]), Random([2, 1]), (x, y) => cat([x, y], 1),
            (x, y) => From([2, 4], i => i[1] < 3 ? x[i[0], i[1]] : y[i[0], 0])
        },
        {
            "Stack", Random([2, 3]), Random([2, 3], seed: 2), (x, y) => stack([x, y], -1),
            (x, y) => From([2, 3, 2], i => (i[2] == 0 ? x : y)[i[0], i[1]])
        },
    };

    private static NdArray Swapped(NdArray x) => From([x.Shape[1], x.Shape[0], x.Shape[2]], i => x[i[1], i[0], i[2]]);
}
