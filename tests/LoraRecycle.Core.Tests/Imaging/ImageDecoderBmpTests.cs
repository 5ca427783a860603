using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ImageDecoderBmpTests
{
    private static readonly ImageDecoder Decoder = new(new ImageDecoderOptions());

    public static TheoryData<string> Kinds => [.. Bmp.Samples.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_bitmap_of_every_kind_shows_its_colours(string kind)
    {
        var image = Decoder.Decode(Bmp.Samples[kind]);

        Assert.Equal([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255], image.Pixels);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_bitmap_that_ends_early_is_damaged(string kind)
    {
        var whole = Bmp.Samples[kind];

        Assert.All(Enumerable.Range(2, whole.Length - 6), length =>
            Assert.Equal(ImageFault.Damaged, Assert.Throws<ImageException>(() => Decoder.Decode(whole.AsSpan(0, length))).Fault));
    }

    [Fact]
    public void A_compression_that_is_not_read_is_named()
    {
        var embedded = (byte[])Bmp.Samples["24 bit"].Clone();
        embedded[30] = 4;

        var refused = Assert.Throws<ImageException>(() => Decoder.Decode(embedded));

        Assert.Equal(ImageFault.UnsupportedFormat, refused.Fault);
        Assert.Contains("24 bits with compression 4", refused.Message, StringComparison.Ordinal);
    }
}
