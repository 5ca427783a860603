using TorchSharp;

namespace LoraRecycle.Core.Safetensors;

/// <summary>Which torch element type a safetensors one is.</summary>
internal static class SafetensorsTorchTypes
{
    private static readonly (SafetensorsDType File, torch.ScalarType Torch)[] Pairs =
    [
        (SafetensorsDType.BOOL, torch.ScalarType.Bool),
        (SafetensorsDType.U8, torch.ScalarType.Byte),
        (SafetensorsDType.I8, torch.ScalarType.Int8),
        (SafetensorsDType.I16, torch.ScalarType.Int16),
        (SafetensorsDType.F16, torch.ScalarType.Float16),
        (SafetensorsDType.BF16, torch.ScalarType.BFloat16),
        (SafetensorsDType.I32, torch.ScalarType.Int32),
        (SafetensorsDType.F32, torch.ScalarType.Float32),
        (SafetensorsDType.F64, torch.ScalarType.Float64),
        (SafetensorsDType.I64, torch.ScalarType.Int64),
    ];

    /// <exception cref="SafetensorsException">torch has no such type, or none that means something here.</exception>
    public static torch.ScalarType ToScalarType(this SafetensorsDType dtype)
    {
        foreach (var pair in Pairs)
            if (pair.File == dtype)
                return pair.Torch;
        throw new SafetensorsException($"type {dtype} cannot be read; supported are {string.Join(", ", Pairs.Select(pair => pair.File))}.");
    }

    /// <exception cref="SafetensorsException">The format has no such type.</exception>
    public static SafetensorsDType ToSafetensors(this torch.ScalarType dtype)
    {
        foreach (var pair in Pairs)
            if (pair.Torch == dtype)
                return pair.File;
        throw new SafetensorsException(
            $"torch's {dtype} cannot be written; supported are {string.Join(", ", Pairs.Select(pair => pair.Torch))}."
        );
    }
}
