using TorchSharp.Interop;
using static TorchSharp.torch;

namespace LoraRecycle.Torch;

/// <summary>Reductions that libtorch does in one pass and TorchSharp has no name for.</summary>
public static class Reductions
{
    /// <summary>The sum of squares over some dimensions, in a wider precision than the numbers' own.</summary>
    /// <param name="values">Any numbers, of 16 bits for example.</param>
    /// <param name="dimensions">Those that go.</param>
    /// <param name="type">In what precision to add up; that of the result too.</param>
    public static Tensor SumOfSquares(this Tensor values, long[] dimensions, ScalarType type)
    {
        using var norm = Aten.LinalgVectorNorm.Call(values, 2.0, dimensions, false, type);
        return norm.square();
    }
}
