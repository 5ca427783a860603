using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Cpu;

/// <summary>
/// Softmax and SiLU in place on a processor with AVX-512, on libtorch's own threads. They read and write memory once, where
/// libtorch's take several passes, and they know no slow exponential (see <see cref="Exponential"/>).
/// </summary>
internal static unsafe class CpuKernels
{
    /// <summary>Whether the kernels take a tensor: float32 or bfloat16 in the memory of such a processor.</summary>
    public static bool Accept(Tensor tensor) =>
        tensor.device.type == TorchSharp.DeviceType.CPU && tensor.dtype is ScalarType.Float32 or ScalarType.BFloat16 && IsSupported;

    private static bool IsSupported { get; } = Avx512F.IsSupported && Vector512.IsHardwareAccelerated && OmpTeam.IsAvailable;

    /// <summary>Softmax of the last dimension, of the numbers times a scale.</summary>
    /// <param name="scores">Contiguous, the last dimension at most <see cref="SoftmaxKernel.LongestRow"/> long.</param>
    /// <param name="scale">Above 0.</param>
    public static void SoftmaxInPlace(Tensor scores, float scale = 1)
    {
        var columns = (nint)scores.shape[^1];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, SoftmaxKernel.LongestRow);
        Run(scores, (nint)scores.numel() / columns, columns, scale, SoftmaxKernel.For(scores.dtype));
    }

    /// <summary>x / (1 + e^-x) of each number.</summary>
    /// <param name="values">Contiguous.</param>
    public static void SiluInPlace(Tensor values) => Run(values, (nint)values.numel(), length: 1, scale: 1, SiluKernel.For(values.dtype));

    private static void Run(Tensor tensor, nint pieces, nint length, float scale, delegate* unmanaged[Cdecl]<KernelWork*, void> kernel)
    {
        if (!tensor.is_contiguous()) throw new ArgumentException("Expected a contiguous tensor.", nameof(tensor));
        fixed (byte* numbers = tensor.bytes)
        {
            var work = new KernelWork(numbers, pieces, length, scale);
            OmpTeam.Run(kernel, &work);
        }
    }
}

/// <summary>What a kernel works on.</summary>
/// <param name="numbers">The first number.</param>
/// <param name="pieces">How many pieces may be divided among threads.</param>
/// <param name="length">Numbers of a piece.</param>
/// <param name="scale">What each number is multiplied by first.</param>
internal readonly unsafe struct KernelWork(void* numbers, nint pieces, nint length, float scale)
{
    public readonly void* Numbers = numbers;
    public readonly nint Pieces = pieces, Length = length;
    public readonly float Scale = scale;
}
