using System.Diagnostics;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Imaging.Formats;
using SixLabors.ImageSharp.Memory;

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
        // 6,000 x 6,000: 108 MB of pixels, twice while they are copied, or with 216 MB of coefficients when progressive.
        var options = new ImageDecoderOptions { MaxDecodingBytes = 220_000_000 };
        var baseline = new ImageDecoder(options).ReadHeader(Jpeg.WithSize(Fixture.Read("baseline.jpg"), 6000, 6000));

        var refused = Refused(options, Jpeg.WithSize(Fixture.Read("progressive.jpg"), 6000, 6000));

        Assert.InRange(DecodingMemory.Estimate(baseline), 108_000_000, options.MaxDecodingBytes);
        Assert.Equal(ImageFault.TooLarge, refused.Fault);
        Assert.Contains("interlaced JPEG that needs 324000000", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("JPEG", 3, 1, false, 1, 3 + 3)]
    [InlineData("JPEG", 3, 1, true, 1, 3 + 6)]
    [InlineData("JPEG", 1, 1, true, 1, 3 + 3)]
    [InlineData("JPEG", 4, 1, true, 1, 3 + 8)]
    [InlineData("JPEG", 3, 1, false, 6, 3 + 3)]
    [InlineData("PNG", 4, 2, false, 1, 6 + 3)]
    [InlineData("PNG", 4, 2, true, 1, 6 + 3)]
    [InlineData("WebP", 3, 1, false, 1, 3 + 8)]
    public void The_memory_of_decoding_follows_from_the_header(
        string format,
        int bands,
        int bytesPerSample,
        bool interlaced,
        int orientation,
        int bytesPerPixel
    )
    {
        var header = new ImageHeader(format, 100, 10, 1, bands, bytesPerSample, interlaced, orientation, HasAlpha: false);

        Assert.Equal(1000 * bytesPerPixel, DecodingMemory.Estimate(header));
    }

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("grey.jpg")]
    [InlineData("cmyk.jpg")]
    public void The_estimate_covers_what_the_codec_takes(string file)
    {
        var jpeg = Jpeg.WithOrientation(Jpeg.WithSize(Fixture.Read(file), 4000, 3000), 6);
        var estimate = DecodingMemory.Estimate(new ImageDecoder(new ImageDecoderOptions()).ReadHeader(jpeg));
        const int Rows = 2 << 20;

        Assert.Equal(3000, new ImageDecoder(new ImageDecoderOptions { MaxDecodingBytes = estimate + Rows }).Decode(jpeg).Width);
    }

    [Fact]
    public void The_codec_gets_no_more_memory_than_allowed_and_gets_it_zeroed()
    {
        var memory = new CappedMemory(1000);
        using (var half = memory.Allocate<ushort>(300))
        {
            Assert.Throws<InvalidMemoryOperationException>(() => memory.Allocate<byte>(401));
            using var rest = memory.Allocate<byte>(400);
            Assert.All(rest.Memory.ToArray(), value => Assert.Equal(0, value));
            half.Dispose(); // twice counts once
        }

        using (memory.Allocate<byte>(1000))
            Assert.Equal(1000, memory.HighWater);
        Assert.Throws<InvalidMemoryOperationException>(() => memory.Allocate<long>(126));
    }

    [Fact]
    public void What_costs_much_and_shows_nothing_is_refused_or_passed_over_at_once()
    {
        var decoder = new ImageDecoder(new ImageDecoderOptions());
        byte[][] refused =
        [
            Png.OfZeros(40_000, 40_000),
            Png.OfZeros(1, 100_000),
            Jpeg.WithSize(Fixture.Read("baseline.jpg"), 65_000, 65_000),
        ];
        // 80 MB of text, which Pillow refuses to inflate and nobody here ever does.
        var text = Fixture.Read("pictures/png_ztxt_bomb80MB.png");
        decoder.Decode(text);

        var clock = Stopwatch.StartNew();
        Assert.All(
            refused,
            picture => Assert.Equal(ImageFault.TooLarge, Assert.Throws<ImageException>(() => decoder.Decode(picture)).Fault)
        );
        decoder.Decode(text);

        Assert.InRange(clock.ElapsedMilliseconds, 0, 3000);
    }

    [Fact]
    public void Of_a_hundred_thousand_frames_one_is_decoded()
    {
        var whole = Fixture.Read("animated.gif");
        var frames = whole.AsSpan((13 + Gif.GlobalPaletteBytes(whole))..^1);
        var many = new MemoryStream();
        many.Write(whole, 0, whole.Length - 1);
        for (var i = 1; i < 50_000; i++)
            many.Write(frames);
        many.WriteByte(whole[^1]);
        var decoder = new ImageDecoder(new ImageDecoderOptions());
        decoder.Decode(whole);

        var clock = Stopwatch.StartNew();
        var image = decoder.Decode(many.ToArray());

        Assert.Equal("RGBW", Quadrants.Letters(image));
        Assert.Equal(100_000, decoder.ReadHeader(many.ToArray()).Pages);
        Assert.InRange(clock.ElapsedMilliseconds, 0, 3000);
    }

    [Fact]
    public void A_jpeg_of_a_thousand_scans_is_refused_before_they_are_decoded()
    {
        var whole = Fixture.Read("progressive.jpg");
        var scan = whole.AsSpan(Jpeg.LastScan(whole)..^2);
        byte[] many = [.. whole[..^2], .. Enumerable.Repeat(scan.ToArray(), 1000).SelectMany(bytes => bytes), .. whole[^2..]];

        Assert.Contains("at most 100 scans", Refused(new ImageDecoderOptions(), many).Message, StringComparison.Ordinal);
    }
}
