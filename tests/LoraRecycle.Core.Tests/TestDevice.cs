using TorchSharp;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests;

/// <summary>The device that operators and gradients are tested on: <c>LORA_RECYCLE_TEST_DEVICE</c>, or the CPU.</summary>
internal static class TestDevice
{
    public static Device Current { get; } =
        new(Environment.GetEnvironmentVariable("LORA_RECYCLE_TEST_DEVICE") is { Length: > 0 } name ? name : "cpu");

    public static bool IsCpu => Current.type == DeviceType.CPU;

    /// <summary>Whole numbers as an index tensor on the device under test.</summary>
    public static Tensor Integers(params long[] values) => tensor(values, device: Current);

    public static Tensor Integers(long[] shape, params long[] values) => tensor(values, shape, device: Current);

    public static Tensor Mask(long[] shape, params bool[] values) => tensor(values, shape, device: Current);
}
