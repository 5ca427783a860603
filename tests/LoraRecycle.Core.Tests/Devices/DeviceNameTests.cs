using LoraRecycle.Core.Foundation.Devices;

namespace LoraRecycle.Core.Tests.Devices;

public sealed class DeviceNameTests
{
    [Theory]
    [InlineData("cpu", "cpu")]
    [InlineData("cpu,cpu", "cpu cpu")]
    [InlineData("cuda:1,cuda,cuda:0", "cuda:1 cuda cuda:0")]
    public void A_list_is_read_in_its_order(string list, string devices) =>
        Assert.Equal(devices, string.Join(' ', DeviceName.ParseList(list)));

    [Fact]
    public void Auto_is_every_cuda_device_and_else_the_cpu()
    {
        var count = TorchSharp.torch.cuda.device_count();
        Assert.Equal(count == 0 ? ["cpu"] : Enumerable.Range(0, count).Select(index => $"cuda:{index}"), DeviceName.ParseList("auto"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cpu,")]
    [InlineData("cpu,cuda:0")] // of two kinds, whose answers differ
    [InlineData("auto,cpu")]
    [InlineData("cuda:0, cuda:1")]
    public void What_is_no_list_of_devices_of_one_kind_is_refused(string list) =>
        Assert.Throws<ArgumentException>(() => DeviceName.ParseList(list));
}
