using System.Diagnostics;
using LoraRecycle.Core.Foundation.Tensors;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Devices;

/// <summary>Native memory has one owner: a hundred thousand operators, failing ones among them, leave neither tensors nor bytes
/// behind.</summary>
[Collection(nameof(Alone))]
public sealed class TensorMemoryTests
{
    [Fact]
    public void A_hundred_thousand_operator_calls_leave_memory_as_it_was()
    {
        Work(20_000);
        var (tensors, bytes) = (LiveTensors.Count, Resident());
        Work(100_000);
        Assert.Equal(tensors, LiveTensors.Count);
        Assert.InRange(Resident() - bytes, long.MinValue, 8L << 20);
    }

    private static void Work(int calls)
    {
        using var inference = inference_mode();
        using var a = ones([64, 64]);
        using var wrong = ones([3, 5]);
        for (var i = 0; i < calls; i += 5)
        {
            using var scope = NewDisposeScope();
            var b = a.mm(a).mul(0.5).add(a).softmax(-1);
            Assert.Equal(4096, b.numel());
            if (i % 1000 == 0) Assert.ThrowsAny<Exception>(() => a.mm(wrong));
        }
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
