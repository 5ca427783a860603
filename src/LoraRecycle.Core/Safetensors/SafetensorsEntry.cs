namespace LoraRecycle.Core.Safetensors;

/// <summary>What a header says of one tensor; checked against the file before anybody sees it.</summary>
/// <param name="Name">The tensor's name, unique in its file.</param>
/// <param name="DType">The type of its elements.</param>
/// <param name="Shape">Its dimensions; none for a scalar.</param>
/// <param name="Offset">Where its bytes start, counted from the end of the header.</param>
/// <param name="Length">How many bytes it has: the product of the shape times the element size.</param>
public sealed record SafetensorsEntry(string Name, SafetensorsDType DType, IReadOnlyList<long> Shape, long Offset, long Length)
{
    /// <summary>Whether it is of a floating-point type that weights have: F16, BF16, F32 or F64.</summary>
    public bool IsOfWeights => DType.IsOfWeights();

    /// <summary>The shape as people write it: <c>[768, 4]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}
