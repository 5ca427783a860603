using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ImageDecoderOrientationTests
{
    private static readonly ImageDecoder Decoder = new(new ImageDecoderOptions());

    // The letters of a stored RGBW picture (above left, above right, below left, below right) once it is turned upright.
    [Theory]
    [InlineData(1, "RGBW")]
    [InlineData(2, "GRWB")]
    [InlineData(3, "WBGR")]
    [InlineData(4, "BWRG")]
    [InlineData(5, "RBGW")]
    [InlineData(6, "BRWG")]
    [InlineData(7, "WGBR")]
    [InlineData(8, "GWRB")]
    public void Exif_orientation_is_applied(byte orientation, string upright)
    {
        var jpeg = Jpeg.WithOrientation(Fixture.Read("baseline.jpg"), orientation);

        var header = Decoder.ReadHeader(jpeg);
        var image = Decoder.Decode(jpeg);

        Assert.Equal((orientation, Quadrants.Width, Quadrants.Height), (header.Orientation, header.Width, header.Height));
        Assert.Equal(orientation >= 5, image.Width < image.Height);
        Assert.Equal(upright, Quadrants.Letters(image));
    }

    [Fact]
    public void A_progressive_picture_is_turned_as_well()
    {
        var image = Decoder.Decode(Jpeg.WithOrientation(Fixture.Read("progressive.jpg"), 6));

        Assert.Equal((Quadrants.Height, Quadrants.Width), (image.Width, image.Height));
        Assert.Equal("BRWG", Quadrants.Letters(image));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void An_orientation_that_does_not_exist_counts_as_upright(byte orientation) =>
        Assert.Equal("RGBW", Quadrants.Letters(Decoder.Decode(Jpeg.WithOrientation(Fixture.Read("baseline.jpg"), orientation))));
}
