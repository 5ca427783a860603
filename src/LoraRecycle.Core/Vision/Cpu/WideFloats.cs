using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LoraRecycle.Core.Vision.Cpu;

/// <summary>Numbers of one precision in memory, sixteen at a time as float32 in a register.</summary>
internal unsafe interface INumbers
{
    static abstract int Size { get; }

    static abstract Vector512<float> Load(void* numbers, nint index);

    static abstract void Store(void* numbers, nint index, Vector512<float> values);

    static abstract float LoadOne(void* numbers, nint index);

    static abstract void StoreOne(void* numbers, nint index, float value);
}

internal unsafe readonly struct Float32Numbers : INumbers
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(void* numbers, nint index) => Vector512.Load((float*)numbers + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* numbers, nint index, Vector512<float> values) => values.Store((float*)numbers + index);

    public static float LoadOne(void* numbers, nint index) => ((float*)numbers)[index];

    public static void StoreOne(void* numbers, nint index, float value) => ((float*)numbers)[index] = value;
}

/// <summary>The upper half of a float32; stored rounded to the nearest, ties to even, as libtorch does.</summary>
internal unsafe readonly struct BFloat16Numbers : INumbers
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(void* numbers, nint index) =>
        (Avx512F.ConvertToVector512UInt32(Vector256.Load((ushort*)numbers + index)) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* numbers, nint index, Vector512<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = bits + Vector512.Create(0x7fffu) + ((bits >>> 16) & Vector512<uint>.One);
        Avx512F.ConvertToVector256UInt16(rounded >>> 16).Store((ushort*)numbers + index);
    }

    public static float LoadOne(void* numbers, nint index) => BitConverter.UInt32BitsToSingle((uint)((ushort*)numbers)[index] << 16);

    public static void StoreOne(void* numbers, nint index, float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        ((ushort*)numbers)[index] = (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
