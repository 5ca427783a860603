using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Vips;

namespace LoraRecycle.Core.Tests.Imaging;

[Collection(nameof(Alone))]
public sealed class ImageDecoderLimitTests
{
    private static ImageException Refused(ImageDecoderOptions options, byte[] encoded) =>
        Assert.Throws<ImageException>(() => new ImageDecoder(options).Decode(encoded));

    [Fact]
    public void A_picture_of_40000_by_40000_is_refused_by_its_header_without_the_memory()
    {
        var bomb = Png.OfZeros(40_000, 40_000);
        var decoder = new ImageDecoder(new ImageDecoderOptions());
        var managed = GC.GetAllocatedBytesForCurrentThread();
        var peak = ProcessMemory.PeakResident();

        var refused = Assert.Throws<ImageException>(() => decoder.Decode(bomb));

        Assert.Equal(ImageFault.TooLarge, refused.Fault);
        Assert.Contains("40000 x 40000 = 1600000000", refused.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, long.MinValue, 1 << 20);
        Assert.InRange(ProcessMemory.PeakResident() - peak, long.MinValue, 16 << 20);
        Assert.Equal(40_000, decoder.ReadHeader(bomb).Height);
    }

    [Fact]
    public void The_pixel_limit_is_inclusive()
    {
        var png = Png.OfZeros(30, 20);

        Assert.Equal(30, new ImageDecoder(new ImageDecoderOptions { MaxPixels = 600 }).Decode(png).Width);
        Assert.Equal(ImageFault.TooLarge, Refused(new ImageDecoderOptions { MaxPixels = 599 }, png).Fault);
    }

    [Fact]
    public void A_picture_that_is_all_length_is_refused()
    {
        var options = new ImageDecoderOptions { MaxAspectRatio = 10 };

        Assert.Equal(100, new ImageDecoder(options).Decode(Png.OfZeros(100, 10)).Width);
        Assert.Equal(ImageFault.TooLarge, Refused(options, Png.OfZeros(101, 10)).Fault);
        Assert.Equal(ImageFault.TooLarge, Refused(options, Png.OfZeros(10, 101)).Fault);
    }

    [Fact]
    public void A_progressive_jpeg_is_counted_with_all_its_coefficients()
    {
        // 6,000 x 6,000: 108 MB of pixels, and 216 MB of coefficients when progressive.
        var options = new ImageDecoderOptions { MaxDecodingBytes = 200_000_000 };
        var baseline = new ImageDecoder(options).ReadHeader(Jpeg.WithSize(Fixture.Read("baseline.jpg"), 6000, 6000));

        var refused = Refused(options, Jpeg.WithSize(Fixture.Read("progressive.jpg"), 6000, 6000));

        Assert.InRange(DecodingMemory.Estimate(baseline), 108_000_000, options.MaxDecodingBytes);
        Assert.Equal(ImageFault.TooLarge, refused.Fault);
        Assert.Contains("interlaced JPEG that takes 324000000", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("JPEG", 3, 1, false, 1, 3)]
    [InlineData("JPEG", 3, 1, true, 1, 3 + 6)]
    [InlineData("JPEG", 1, 1, true, 1, 3 + 2)]
    [InlineData("JPEG", 4, 1, true, 1, 3 + 8)]
    [InlineData("JPEG", 3, 1, false, 6, 3 + 3)]
    [InlineData("PNG", 4, 2, false, 1, 3)]
    [InlineData("PNG", 4, 2, true, 1, 3 + 8)]
    [InlineData("WebP", 3, 1, false, 1, 3 + 8)]
    public void The_memory_of_decoding_follows_from_the_header(string format, int bands, int bytesPerSample, bool interlaced, int orientation, int bytesPerPixel)
    {
        var header = new ImageHeader(format, 100, 10, 1, bands, bytesPerSample, interlaced, orientation, HasAlpha: false);

        Assert.Equal(1000 * bytesPerPixel, DecodingMemory.Estimate(header));
    }

    [Fact]
    public void The_estimate_covers_what_libvips_takes()
    {
        var jpeg = Jpeg.WithOrientation(Jpeg.WithSize(Fixture.Read("baseline.jpg"), 4000, 3000), 6);
        var decoder = new ImageDecoder(new ImageDecoderOptions());
        var before = VipsNative.TrackedHighWater();

        var image = decoder.Decode(jpeg);

        var native = DecodingMemory.Estimate(decoder.ReadHeader(jpeg)) - image.Pixels.Length;
        Assert.InRange(VipsNative.TrackedHighWater() - before, 1, native + (8 << 20));
        Assert.InRange(VipsNative.TrackedHighWater(), native, long.MaxValue);
    }
}
