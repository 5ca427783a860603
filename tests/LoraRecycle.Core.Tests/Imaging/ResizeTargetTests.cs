using LoraRecycle.Core.Imaging.Preprocessing;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ResizeTargetTests
{
    [Theory]
    [InlineData(200, 300, 64, 96)]
    [InlineData(300, 200, 96, 64)]
    [InlineData(64, 64, 64, 64)]
    [InlineData(200, 301, 64, 96)] // 96.32: truncated
    [InlineData(200, 299, 64, 95)] // 95.68: truncated too
    [InlineData(10, 7, 91, 64)]
    public void The_shorter_edge_is_met_and_the_longer_one_truncated(int height, int width, int newHeight, int newWidth) =>
        Assert.Equal((newHeight, newWidth), ResizeTarget.ShortestEdge(64).For(height, width));

    [Fact]
    public void An_exact_size_ignores_the_aspect() => Assert.Equal((32, 48), ResizeTarget.Exact(32, 48).For(1000, 10));
}
