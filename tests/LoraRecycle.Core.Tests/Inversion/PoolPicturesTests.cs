using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Pools;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Inversion;

public sealed class PoolPicturesTests
{
    [Fact]
    public void An_image_is_its_own_pixels_and_its_mask_is_white_where_the_most_salient_patches_are()
    {
        // Two images of 4 pixels in patches of 2; red, green and blue planes of different values.
        using var pool = new SyntheticPool(
            new SyntheticPoolInfo
            {
                Name = "a",
                LoraRevision = "r",
                Classes = ["x", "y"],
                PatchSize = 2,
                Settings = new InversionSettings { ImagesPerClass = 1 },
                BestLoss = 0,
                Losses = [],
                Seconds = 0,
            },
            torch.arange(96).to(torch.ScalarType.Byte).view(2, 3, 4, 4),
            torch.tensor([0L, 1L]),
            torch.eye(2),
            torch.tensor([0.1f, 0.2f, 0.3f, 0.4f, 0.9f, 0.1f, 0.1f, 0.8f]).view(2, 4));
        var image = PoolPictures.Image(pool, 1);
        var mask = PoolPictures.Mask(pool, 1, 0.5);

        Assert.Equal((4, 4), (image.Width, image.Height));
        Assert.Equal([48, 64, 80, 49, 65, 81], image.Pixels[..6]);
        var white = Enumerable.Range(0, 16).Where(pixel => mask.Pixels[pixel * 3] == 255).ToArray();
        Assert.Equal([0, 1, 4, 5, 10, 11, 14, 15], white);
        Assert.Throws<ArgumentOutOfRangeException>(() => PoolPictures.Image(pool, 2));
    }
}
