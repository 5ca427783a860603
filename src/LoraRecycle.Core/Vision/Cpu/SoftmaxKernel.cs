using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Cpu;

/// <summary>Softmax of rows in place: a row is widened into a buffer in the first-level cache, and leaves it normalised.</summary>
internal static unsafe class SoftmaxKernel
{
    public const int LongestRow = 4096;

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
        var buffer = stackalloc float[LongestRow];
        var (start, end) = OmpTeam.Share(work->Pieces);
        for (var row = start; row < end; row++)
            Normalise<T>((byte*)work->Numbers + (row * work->Length * T.Size), work->Length, work->Scale, buffer);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Normalise<T>(void* row, nint length, float scale, float* buffer) where T : INumbers
    {
        var whole = length - (length % Lanes);
        var padded = whole == length ? length : whole + Lanes;
        var largest = Vector512.Create(float.NegativeInfinity);
        if (padded > whole) largest.Store(buffer + whole); // e^-infinity is nothing
        for (nint i = 0; i < whole; i += Lanes) T.Load(row, i).Store(buffer + i);
        for (var i = whole; i < length; i++) buffer[i] = T.LoadOne(row, i);

        for (nint i = 0; i < padded; i += Lanes) largest = Vector512.Max(largest, Vector512.Load(buffer + i));
        var (top, factor) = (Vector512.Create(Greatest(largest)), Vector512.Create(scale));
        var sums = Vector512<float>.Zero;
        for (nint i = 0; i < padded; i += Lanes)
        {
            var shares = Exponential.Of((Vector512.Load(buffer + i) - top) * factor);
            shares.Store(buffer + i);
            sums += shares;
        }
        // What the padding holds is e to the smallest power that the exponential knows, 1e-38.
        var share = Vector512.Create(1 / Vector512.Sum(sums));
        for (nint i = 0; i < whole; i += Lanes) T.Store(row, i, Vector512.Load(buffer + i) * share);
        for (var i = whole; i < length; i++) T.StoreOne(row, i, buffer[i] * share[0]);
    }

    private static float Greatest(Vector512<float> values)
    {
        var half = Vector256.Max(values.GetLower(), values.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return Math.Max(Math.Max(quarter[0], quarter[1]), Math.Max(quarter[2], quarter[3]));
    }
}
