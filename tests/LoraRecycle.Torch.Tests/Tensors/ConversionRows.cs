using LoraRecycle.Torch.Tests.Numerics;
using static LoraRecycle.Torch.Tests.Numerics.NdArray;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Tensors;

internal static class ConversionRows
{
    private static readonly NdArray X = Random([2, 3]);

    public static OperatorTable Table { get; } = new()
    {
        { "Clone", X, x => x.clone(), x => x },
        { "Alias", X, x => x.alias(), x => x },
        { "ToDtypeLayout", X, x => x.to(ScalarType.Float64, copy: true), x => x },
        { "ToDtypeLayout", X, x => x.to(CPU), x => x, TestDevice.IsCpu },
        { "ToDtypeLayout", X, x => x.@float(), x => (double)(float)x, false },
        { "Detach", X, x => x.detach(), x => x, false },
        { "CopyInPlace", X, Random([3]), (x, y) => x.clone().copy_(y), (x, y) => x.Zip(y, (_, copied) => copied) },
        { "FillInPlaceScalar", X, x => x.clone().fill_(2.5), _ => 2.5 },
        { "ZeroInPlace", X, x => x.clone().zero_(), _ => 0 },
    };
}
