namespace LoraRecycle.Core.Devices;

/// <summary>Debian's libtorch multiplies with whatever provides libblas.so.3, and the reference implementation is some thirty times too slow.</summary>
public static class SlowBlas
{
    /// <summary>What to tell the user, or null when the BLAS in use is a fast one.</summary>
#if TORCHSHARP
    public static string? Warning => null; // TorchSharp brings a libtorch with MKL.
#else
    public static string? Warning => Torch.Libtorch.ReferenceBlas is { } library
        ? $"libtorch multiplies with the reference BLAS ({library}), some thirty times slower than OpenBLAS. Install one: apt-get install libopenblas0-openmp"
        : null;
#endif
}
