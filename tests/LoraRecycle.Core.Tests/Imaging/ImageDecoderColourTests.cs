using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ImageDecoderColourTests
{
    private static readonly ImageDecoder Decoder = new(new ImageDecoderOptions());

    private static byte[] Three(int x, int y)
    {
        var (red, green, blue) = Quadrants.Colour(Quadrants.At(x, y));
        return [red, green, blue];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rgb_pixels_come_out_unchanged_interlaced_or_not(bool interlaced)
    {
        byte[] Gradient(int x, int y) => [(byte)(x * 5), (byte)(y * 7), (byte)(x + y)];

        var image = Decoder.Decode(Png.Of(Quadrants.Width, Quadrants.Height, Png.Rgb, 8, Gradient, interlaced));

        var expected = Enumerable.Range(0, Quadrants.Width * Quadrants.Height)
            .SelectMany(i => Gradient(i % Quadrants.Width, i / Quadrants.Width));
        Assert.Equal(expected, image.Pixels);
    }

    [Fact]
    public void Grey_becomes_three_equal_channels()
    {
        var image = Decoder.Decode(Png.Of(2, 1, Png.Grey, 8, (x, _) => [(byte)(x == 0 ? 10 : 200)]));

        Assert.Equal([10, 10, 10, 200, 200, 200], image.Pixels);
    }

    [Fact]
    public void A_grey_jpeg_has_its_luminance_in_all_channels()
    {
        var image = Decoder.Decode(Fixture.Read("grey.jpg"));

        Assert.All(Enumerable.Range(0, 4), quadrant =>
        {
            var (red, green, blue) = Quadrants.PixelOf(image, quadrant);
            Assert.True(red == green && green == blue);
        });
        Assert.True(Quadrants.PixelOf(image, 3).Red > Quadrants.PixelOf(image, 2).Red);
    }

    [Fact]
    public void Alpha_is_dropped_and_not_blended()
    {
        var webp = Decoder.Decode(Fixture.Read("transparent.webp"));
        var rgba = Decoder.Decode(Png.Of(2, 1, Png.Rgba, 8, (x, _) => [12, 34, 56, (byte)(x == 0 ? 0 : 128)]));
        var greyAlpha = Decoder.Decode(Png.Of(1, 1, Png.GreyAlpha, 8, (_, _) => [77, 3]));

        Assert.Equal([12, 34, 56, 12, 34, 56], rgba.Pixels);
        Assert.Equal([77, 77, 77], greyAlpha.Pixels);
        Assert.Equal("RGBW", Quadrants.Letters(webp));
    }

    [Fact]
    public void A_palette_is_looked_up_transparent_entries_included()
    {
        byte[] colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];

        var image = Decoder.Decode(
            Png.Of(
                Quadrants.Width,
                Quadrants.Height,
                Png.Palette,
                8,
                (x, y) => [(byte)Quadrants.At(x, y)],
                interlaced: false,
                ("PLTE", colours),
                ("tRNS", [0, 128])
            )
        );

        Assert.Equal("RGBW", Quadrants.Letters(image));
    }

    [Fact]
    public void Sixteen_bit_samples_keep_their_high_byte()
    {
        var rgb = Png.Of(1, 1, Png.Rgb, 16, (_, _) => [0x12, 0xFF, 0x80, 0x00, 0xFE, 0x7F]);
        var grey = Png.Of(1, 1, Png.Grey, 16, (_, _) => [0x42, 0xC0]);

        Assert.Equal(2, Decoder.ReadHeader(rgb).BytesPerSample);
        Assert.Equal([0x12, 0x80, 0xFE], Decoder.Decode(rgb).Pixels);
        Assert.Equal([0x42, 0x42, 0x42], Decoder.Decode(grey).Pixels);
    }

    [Fact]
    public void Profiles_are_not_applied_as_Hugging_Face_processors_do_not_apply_them()
    {
        var p3 = Decoder.Decode(Fixture.Read("display-p3.jpg"));
        var srgb = Decoder.Decode(Fixture.Read("srgb-profile.jpg"));
        var none = Decoder.Decode(Fixture.Read("baseline.jpg"));

        // sRGB's red is (234, 51, 35) in Display P3.
        Assert.InRange(Quadrants.PixelOf(p3, 0).Red, 230, 238);
        Assert.InRange(Quadrants.PixelOf(p3, 0).Green, 47, 55);
        Assert.Equal(none.Pixels, srgb.Pixels);
        Assert.Equal("RGBW", Quadrants.Letters(Decoder.Decode(Fixture.Read("cmyk.jpg"))));
        Assert.Equal("RGBW", Quadrants.Letters(Decoder.Decode(Fixture.Read("cmyk-profile.jpg"))));
    }

    [Fact]
    public void A_profile_that_makes_no_sense_is_never_looked_at()
    {
        byte[] deflatedNonsense = [.. "p\0\0"u8, 0x78, 0x9C, 0x4B, 0x4C, 0x4A, 0x06, 0x00, 0x02, 0x4D, 0x01, 0x27];

        var image = Decoder.Decode(
            Png.Of(Quadrants.Width, Quadrants.Height, Png.Rgb, 8, Three, interlaced: false, ("iCCP", deflatedNonsense))
        );

        Assert.Equal("RGBW", Quadrants.Letters(image));
    }
}
