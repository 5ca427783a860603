using TorchSharp;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests;

public class DeviceTests
{
    [Theory]
    [InlineData("cpu", DeviceType.CPU, -1, "cpu")]
    [InlineData("cuda", DeviceType.CUDA, -1, "cuda")]
    [InlineData("cuda:3", DeviceType.CUDA, 3, "cuda:3")]
    [InlineData("meta", DeviceType.META, -1, "meta")]
    public void A_device_is_parsed_and_printed(string text, DeviceType type, int index, string printed)
    {
        var parsed = device(text);
        Assert.Equal((type, index, printed), (parsed.type, parsed.index, parsed.ToString()));
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:999")]
    [InlineData("cuda:0:1")]
    [InlineData("")]
    public void A_malformed_device_is_refused(string text) => Assert.ThrowsAny<ArgumentException>(() => new Device(text));

    [Fact]
    public void Products_in_tf32_are_allowed_only_when_asked_for()
    {
        Assert.False(backends.cuda.matmul.allow_tf32);
        backends.cuda.matmul.allow_tf32 = true;
        Assert.True(backends.cuda.matmul.allow_tf32);
        backends.cuda.matmul.allow_tf32 = false;
        Assert.False(backends.cuda.matmul.allow_tf32);
    }

    [Fact]
    public void A_meta_tensor_has_a_shape_and_no_memory()
    {
        using var scope = NewDisposeScope();
        var x = zeros([1L << 40], device: device("meta"));
        Assert.Equal([1L << 39, 2], x.reshape(-1, 2).shape);
        Assert.ThrowsAny<Exception>(() => x.data<float>());
        Assert.ThrowsAny<Exception>(() => _ = x.bytes.Length);
    }

    [Fact]
    public void Tensors_move_to_the_device_under_test_and_back()
    {
        using var scope = NewDisposeScope();
        var moved = tensor(new float[] { 1, 2 }).to(TestDevice.Current);
        Assert.Equal(TestDevice.Current.type, moved.device_type);
        Assert.Equal([1f, 2], moved.cpu().data<float>().ToArray());
    }

    [Fact]
    public void Cuda_is_available_when_a_device_is_counted() => Assert.Equal(cuda.device_count() > 0, cuda.is_available());

    [Fact]
    public void The_number_of_threads_is_what_was_set()
    {
        var before = get_num_threads();
        try
        {
            set_num_threads(2);
            Assert.Equal(2, get_num_threads());
            Assert.ThrowsAny<Exception>(() => set_num_threads(0));
            Assert.ThrowsAny<Exception>(() => set_num_threads(1_000_000));
            Assert.Equal(2, get_num_threads());
        }
        finally
        {
            set_num_threads(before);
        }
    }
}
