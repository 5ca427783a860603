using LoraRecycle.Core.Imaging.Preprocessing;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ImageResizerTests
{
    [Theory]
    [InlineData(Resampling.Bilinear, 17)]
    [InlineData(Resampling.Bicubic, 17)]
    [InlineData(Resampling.Bicubic, 90)]
    public void Bands_give_what_one_piece_gives(Resampling filter, int height)
    {
        var samples = new byte[61 * 40 * 3];
        new Random(7).NextBytes(samples);
        using var bytes = torch.tensor(samples, [1, 61, 40, 3]);

        using var whole = new ImageResizer(filter).Resize(bytes, height, 23);
        using var banded = new ImageResizer(filter, bandPixels: 400).Resize(bytes, height, 23);
        using var rowByRow = new ImageResizer(filter, bandPixels: 1).Resize(bytes, height, 23);

        Assert.Equal([1, 3, height, 23], whole.shape);
        Assert.True(torch.allclose(whole, banded, rtol: 0, atol: 1e-3));
        Assert.True(torch.allclose(whole, rowByRow, rtol: 0, atol: 1e-3));
    }
}
