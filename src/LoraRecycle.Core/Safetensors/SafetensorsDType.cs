using System.Diagnostics.CodeAnalysis;

namespace LoraRecycle.Core.Safetensors;

/// <summary>
/// The format's element types in its own order: writers put tensors in descending order of it, so that every tensor starts
/// at a multiple of its element size. A header may have all of them, as files hold more than what is wanted of them; not
/// all can be read.
/// </summary>
[SuppressMessage("Naming", "CA1707", Justification = "The format's own names, as headers and messages have them.")]
public enum SafetensorsDType
{
    BOOL,
    F4,
    F6_E2M3,
    F6_E3M2,
    U8,
    I8,
    F8_E5M2,
    F8_E4M3,
    F8_E8M0,
    F8_E4M3FNUZ,
    F8_E5M2FNUZ,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    C64,
    F64,
    I64,
    U64,
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

    /// <summary>Bits of one element: those of fewer than eight are packed.</summary>
    public static int Bits(this SafetensorsDType dtype) => dtype switch
    {
        SafetensorsDType.F4 => 4,
        SafetensorsDType.F6_E2M3 or SafetensorsDType.F6_E3M2 => 6,
        SafetensorsDType.BOOL or SafetensorsDType.U8 or SafetensorsDType.I8 => 8,
        SafetensorsDType.F8_E5M2 or SafetensorsDType.F8_E4M3 or SafetensorsDType.F8_E8M0 => 8,
        SafetensorsDType.F8_E4M3FNUZ or SafetensorsDType.F8_E5M2FNUZ => 8,
        SafetensorsDType.I16 or SafetensorsDType.U16 or SafetensorsDType.F16 or SafetensorsDType.BF16 => 16,
        SafetensorsDType.I32 or SafetensorsDType.U32 or SafetensorsDType.F32 => 32,
        SafetensorsDType.C64 or SafetensorsDType.F64 or SafetensorsDType.I64 or SafetensorsDType.U64 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not a safetensors element type."),
    };

    /// <summary>Bytes of one element of a type that can be read.</summary>
    public static int Size(this SafetensorsDType dtype) => dtype.Bits() / 8;

    /// <summary>Whether weights may be of it: all other types are whole numbers, or so coarse that scales beside them are needed.</summary>
    public static bool IsOfWeights(this SafetensorsDType dtype) =>
        dtype is SafetensorsDType.F16 or SafetensorsDType.BF16 or SafetensorsDType.F32 or SafetensorsDType.F64;

    private static int IndexOf(this IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
            if (names[i] == name)
                return i;
        return -1;
    }
}
