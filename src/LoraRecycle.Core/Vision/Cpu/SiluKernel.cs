using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Cpu;

/// <summary>x / (1 + e^-x), in place.</summary>
internal static unsafe class SiluKernel
{
    private const int Lanes = 16;

    public static delegate* unmanaged[Cdecl]<KernelWork*, void> For(ScalarType type) =>
        type == ScalarType.Float32 ? &OfFloat32 : &OfBFloat16;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OfFloat32(KernelWork* work) => Run<Float32Numbers>(work);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OfBFloat16(KernelWork* work) => Run<BFloat16Numbers>(work);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at the first call, which is somebody's request
    private static void Run<T>(KernelWork* work) where T : INumbers
    {
        var (start, end) = OmpTeam.Share(work->Pieces);
        var i = start;
        for (; i <= end - Lanes; i += Lanes) T.Store(work->Numbers, i, Silu(T.Load(work->Numbers, i)));
        for (; i < end; i++) T.StoreOne(work->Numbers, i, Silu(Vector512.Create(T.LoadOne(work->Numbers, i)))[0]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Silu(Vector512<float> x) => x / (Vector512<float>.One + Exponential.Of(-x));
}
