using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ImageDecoderFormatTests
{
    private static readonly ImageDecoder Default = new(new ImageDecoderOptions());
    private static readonly ImageDecoder Everything = new(new ImageDecoderOptions { AllowTiff = true, AllowHeif = true });

    [Theory]
    [InlineData("baseline.jpg", "JPEG", 1, 3, false, false)]
    [InlineData("progressive.jpg", "JPEG", 1, 3, true, false)]
    [InlineData("grey.jpg", "JPEG", 1, 1, false, false)]
    [InlineData("cmyk.jpg", "JPEG", 1, 4, false, false)]
    [InlineData("lossy.webp", "WebP", 1, 3, false, false)]
    [InlineData("transparent.webp", "WebP", 1, 4, false, true)]
    [InlineData("animated.webp", "WebP", 2, 3, false, false)]
    [InlineData("animated.gif", "GIF", 2, 4, false, true)]
    public void The_header_tells_what_decoding_will_meet(string file, string format, int pages, int bands, bool interlaced, bool alpha)
    {
        var header = Default.ReadHeader(Fixture.Read(file));

        Assert.Equal(new ImageHeader(format, Quadrants.Width, Quadrants.Height, pages, bands, 1, interlaced, 1, alpha), header);
    }

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("cmyk.jpg")]
    [InlineData("srgb-profile.jpg")]
    [InlineData("display-p3.jpg")]
    [InlineData("lossy.webp")]
    [InlineData("transparent.webp")]
    [InlineData("animated.webp")]
    [InlineData("animated.gif")]
    [InlineData("pages.tif")]
    [InlineData("picture.avif")]
    [InlineData("picture.heic")]
    public void The_first_page_comes_out_with_its_colours_in_place(string file)
    {
        var image = Everything.Decode(Fixture.Read(file));

        Assert.Equal((Quadrants.Width, Quadrants.Height), (image.Width, image.Height));
        Assert.Equal("RGBW", Quadrants.Letters(image));
    }

    [Theory]
    [InlineData("pages.tif")]
    [InlineData("picture.avif")]
    [InlineData("picture.heic")]
    public void What_the_settings_leave_out_is_refused_even_when_another_decoder_accepts_it(string file)
    {
        var refused = Assert.Throws<ImageException>(() => Default.Decode(Fixture.Read(file)));

        Assert.Equal(ImageFault.UnsupportedFormat, refused.Fault);
        Assert.Contains("JPEG, PNG, WebP or GIF", refused.Message, StringComparison.Ordinal);
        Assert.Equal("RGBW", Quadrants.Letters(Everything.Decode(Fixture.Read(file))));
    }

    [Fact]
    public void Each_switch_lets_in_its_own_format_only()
    {
        var tiff = new ImageDecoder(new ImageDecoderOptions { AllowTiff = true });
        var heif = new ImageDecoder(new ImageDecoderOptions { AllowHeif = true });

        Assert.Equal("TIFF", tiff.ReadHeader(Fixture.Read("pages.tif")).Format);
        Assert.Equal("HEIF", heif.ReadHeader(Fixture.Read("picture.avif")).Format);
        Assert.Throws<ImageException>(() => tiff.ReadHeader(Fixture.Read("picture.avif")));
        Assert.Throws<ImageException>(() => heif.ReadHeader(Fixture.Read("pages.tif")));
    }
}
