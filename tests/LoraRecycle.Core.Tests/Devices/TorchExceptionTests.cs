using LoraRecycle.Core.Foundation.Devices;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Devices;

public sealed class TorchExceptionTests
{
    [Fact]
    public void What_libtorch_refuses_names_the_shapes_without_a_stack_of_its_own()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (zeros([2, 3]), zeros([4, 5]));
        var refused = Assert.Throws<TorchException>(() => TorchException.Guard(() => a.mm(b)));
        Assert.Equal("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)", refused.Message);
        Assert.Contains(
            nameof(What_libtorch_refuses_names_the_shapes_without_a_stack_of_its_own),
            refused.StackTrace,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Want_of_memory_is_still_known_for_what_it_is() =>
        Assert.True(DeviceMemory.IsExhausted(Assert.Throws<TorchException>(() => TorchException.Guard(() => zeros([1L << 50])))));

    [Fact]
    public void What_others_throw_passes_as_it_is() =>
        Assert.Throws<InvalidDataException>(() => TorchException.Guard<int>(() => throw new InvalidDataException()));
}
