namespace LoraRecycle.Torch.Tests.Interop;

public class LibtorchTests
{
    [Fact]
    public void The_version_and_build_are_told()
    {
        Assert.Matches(@"^\d+\.\d+", Libtorch.Version);
        Assert.Contains("OpenMP", Libtorch.Configuration, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Libtorch.HasCuda, Libtorch.Configuration.Contains("CUDA Runtime", StringComparison.Ordinal));
    }

    [Fact]
    public void Device_memory_and_graphs_without_cuda_are_refused()
    {
        if (Libtorch.HasCuda) return;
        Assert.Contains("LIBTORCH=<dir>", Assert.Throws<TorchException>(() => Libtorch.CudaMemory(0)).Message, StringComparison.Ordinal);
        Assert.Contains("LIBTORCH=<dir>", Assert.Throws<TorchException>(() => CudaGraph.Record(0, () => { })).Message, StringComparison.Ordinal);
    }
}
