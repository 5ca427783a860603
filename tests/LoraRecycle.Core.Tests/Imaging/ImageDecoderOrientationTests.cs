using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Imaging.Formats;

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

    // Pillow reads the number by the type that stands before it.
    [Theory]
    [InlineData(false, 3, new byte[] { 6, 0, 0, 0 }, 6)]
    [InlineData(true, 3, new byte[] { 0, 6, 0, 0 }, 6)]
    [InlineData(false, 4, new byte[] { 6, 0, 0, 0 }, 6)]
    [InlineData(true, 4, new byte[] { 0, 0, 0, 6 }, 6)]
    [InlineData(true, 1, new byte[] { 6, 0, 0, 0 }, 6)]
    [InlineData(true, 4, new byte[] { 0, 6, 0, 6 }, 1)]
    [InlineData(true, 4, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF }, 1)]
    public void The_orientation_may_be_a_number_of_any_width(bool bigEndian, byte type, byte[] value, int expected)
    {
        byte[] little = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, type, 0, 1, 0, 0, 0, .. value, 0, 0, 0, 0];
        byte[] big = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, type, 0, 0, 0, 1, .. value, 0, 0, 0, 0];
        Assert.Equal(expected, ExifOrientation.Read(bigEndian ? big : little));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void An_orientation_that_does_not_exist_counts_as_upright(byte orientation) =>
        Assert.Equal("RGBW", Quadrants.Letters(Decoder.Decode(Jpeg.WithOrientation(Fixture.Read("baseline.jpg"), orientation))));
}
