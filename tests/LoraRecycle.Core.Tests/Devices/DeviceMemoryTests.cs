using System.Runtime.InteropServices;
using LoraRecycle.Core.Foundation.Devices;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Devices;

public sealed class DeviceMemoryTests
{
    [Fact]
    public void What_libtorch_throws_for_want_of_host_memory_is_known() =>
        Assert.True(DeviceMemory.IsExhausted(Assert.ThrowsAny<ExternalException>(() => zeros([1L << 50]))));

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 79.15 GiB total capacity; 76.02 GiB already allocated)")] // 1.13
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of which 1.25 "
        + "GiB is free.")] // 2.x
    [InlineData("CUDA error: out of memory")]
    [InlineData("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")]
    [InlineData("cuDNN error: CUDNN_STATUS_ALLOC_FAILED")]
    [InlineData("[enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to "
        + "allocate 64 bytes.")] // 1.13
    [InlineData("[enforce fail at alloc_cpu.cpp:117] data. DefaultCPUAllocator: not enough memory: you tried to allocate 64 bytes.")] // 2.x
    public void Its_messages_of_all_versions_and_devices_are_known(string message) =>
        Assert.True(DeviceMemory.IsExhausted(new LibtorchSays(message)));

    [Theory]
    [InlineData("CUDA error: device-side assert triggered")]
    [InlineData("CUDA error: an illegal memory access was encountered")]
    [InlineData("CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasGemmEx`")]
    public void Other_failures_are_none_of_memory(string message) => Assert.False(DeviceMemory.IsExhausted(new LibtorchSays(message)));

    [Fact]
    public void The_words_count_only_where_libtorch_says_them() =>
        Assert.False(DeviceMemory.IsExhausted(new InvalidDataException("out of memory")));
}
