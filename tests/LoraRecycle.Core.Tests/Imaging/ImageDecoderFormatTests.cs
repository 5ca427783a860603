using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ImageDecoderFormatTests
{
    private static readonly ImageDecoder Default = new(new ImageDecoderOptions());
    private static readonly ImageDecoder WithTiff = new(new ImageDecoderOptions { AllowTiff = true });

    [Theory]
    [InlineData("baseline.jpg", "JPEG", 1, 3, false, false)]
    [InlineData("progressive.jpg", "JPEG", 1, 3, true, false)]
    [InlineData("grey.jpg", "JPEG", 1, 1, false, false)]
    [InlineData("cmyk.jpg", "JPEG", 1, 4, false, false)]
    [InlineData("lossy.webp", "WebP", 1, 3, false, false)]
    [InlineData("transparent.webp", "WebP", 1, 4, false, true)]
    [InlineData("animated.gif", "GIF", 2, 4, false, true)]
    public void The_header_tells_what_decoding_will_meet(string file, string format, int pages, int bands, bool interlaced, bool alpha)
    {
        var header = Default.ReadHeader(Fixture.Read(file));

        Assert.Equal(new ImageHeader(format, Quadrants.Width, Quadrants.Height, pages, bands, 1, interlaced, 1, alpha), header);
    }

    [Fact]
    public void The_header_of_a_tiff_tells_its_pages() => Assert.Equal(2, WithTiff.ReadHeader(Fixture.Read("pages.tif")).Pages);

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("cmyk.jpg")]
    [InlineData("srgb-profile.jpg")]
    [InlineData("display-p3.jpg")]
    [InlineData("lossy.webp")]
    [InlineData("transparent.webp")]
    [InlineData("animated.gif")]
    [InlineData("pages.tif")]
    public void The_first_page_comes_out_with_its_colours_in_place(string file)
    {
        var image = WithTiff.Decode(Fixture.Read(file));

        Assert.Equal((Quadrants.Width, Quadrants.Height), (image.Width, image.Height));
        Assert.Equal("RGBW", Quadrants.Letters(image));
    }

    [Fact]
    public void What_the_settings_leave_out_is_refused_even_when_another_decoder_accepts_it()
    {
        var refused = Assert.Throws<ImageException>(() => Default.Decode(Fixture.Read("pages.tif")));

        Assert.Equal(ImageFault.UnsupportedFormat, refused.Fault);
        Assert.Contains("a JPEG, PNG, WebP, GIF or BMP image; found a TIFF", refused.Message, StringComparison.Ordinal);
        Assert.Equal("RGBW", Quadrants.Letters(WithTiff.Decode(Fixture.Read("pages.tif"))));
    }

    [Theory]
    [InlineData("animated.webp", "an animated WebP")]
    [InlineData("picture.avif", "an AVIF")]
    [InlineData("picture.heic", "a HEIC (HEIF)")]
    public void What_is_not_decoded_is_named_and_told_what_to_become(string file, string name)
    {
        var refused = Assert.Throws<ImageException>(() => WithTiff.Decode(Fixture.Read(file)));

        Assert.Equal(ImageFault.UnsupportedFormat, refused.Fault);
        Assert.Contains($"found {name}", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("Save the image as JPEG or PNG and send that file.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Interlaced_pictures_of_every_small_size_are_decoded_or_refused_at_once()
    {
        // Passes without a pixel are where decoders go wrong.
        foreach (
            var (width, height) in Enumerable.Range(1, 9).SelectMany(width => Enumerable.Range(1, 9).Select(height => (width, height)))
        )
        {
            static byte[] Pixel(int x, int y) => [(byte)(1 + x), (byte)(1 + y), 200];
            byte[] Decode(bool interlaced) => Default.Decode(Png.Of(width, height, Png.Rgb, 8, Pixel, interlaced)).Pixels;

            if (width >= 5)
                Assert.Equal(Decode(interlaced: false), Decode(interlaced: true));
            else
                Assert.Contains(
                    "narrower than 5 pixels",
                    Assert.Throws<ImageException>(() => Decode(interlaced: true)).Message,
                    StringComparison.Ordinal
                );
        }
    }
}
