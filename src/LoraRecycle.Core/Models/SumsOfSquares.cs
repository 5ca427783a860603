#if TORCHSHARP
using static TorchSharp.torch;

namespace LoraRecycle.Core.Models;

/// <summary>What the project's own torch layer does in one pass over memory.</summary>
internal static class SumsOfSquares
{
    /// <summary>The sum of squares over some dimensions, in a wider precision than the numbers' own.</summary>
    public static Tensor SumOfSquares(this Tensor values, long[] dimensions, ScalarType type)
    {
        using var scope = NewDisposeScope();
        return values.to(type).square().sum(dimensions).MoveToOuterDisposeScope();
    }
}
#endif
