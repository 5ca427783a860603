namespace LoraRecycle.Core.Safetensors;

/// <summary>
/// The element types that are read and written, in the format's own order: writers put tensors in descending order of
/// it, so that every tensor starts at a multiple of its element size.
/// </summary>
public enum SafetensorsDType
{
    BOOL,
    U8,
    I8,
    I16,
    F16,
    BF16,
    I32,
    F32,
    F64,
    I64,
}

internal static class SafetensorsDTypes
{
    /// <summary>The types' names as they stand in a header.</summary>
    public static IReadOnlyList<string> Names { get; } = Enum.GetNames<SafetensorsDType>();

    public static bool TryParse(string name, out SafetensorsDType dtype)
    {
        // Not Enum.TryParse: that also takes numbers and comma-separated lists.
        var index = Names.IndexOf(name);
        dtype = (SafetensorsDType)index;
        return index >= 0;
    }

    /// <summary>Bytes of one element.</summary>
    public static int Size(this SafetensorsDType dtype) => dtype switch
    {
        SafetensorsDType.BOOL or SafetensorsDType.U8 or SafetensorsDType.I8 => 1,
        SafetensorsDType.I16 or SafetensorsDType.F16 or SafetensorsDType.BF16 => 2,
        SafetensorsDType.I32 or SafetensorsDType.F32 => 4,
        SafetensorsDType.F64 or SafetensorsDType.I64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not a safetensors element type."),
    };

    private static int IndexOf(this IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
            if (names[i] == name)
                return i;
        return -1;
    }
}
