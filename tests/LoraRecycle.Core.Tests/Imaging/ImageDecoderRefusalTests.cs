using System.Text;

using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ImageDecoderRefusalTests
{
    private static readonly ImageDecoder Decoder = new(new ImageDecoderOptions());

    private static ImageException Refused(byte[] encoded) => Assert.Throws<ImageException>(() => Decoder.Decode(encoded));

    [Fact]
    public void No_bytes_at_all_are_called_empty()
    {
        Assert.Equal(ImageFault.Empty, Refused([]).Fault);
        Assert.Equal(ImageFault.Empty, Assert.Throws<ImageException>(() => Decoder.ReadHeader([])).Fault);
    }

    [Theory]
    [InlineData("Not a photograph, whatever the file is called.", "text")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>", "an SVG")]
    [InlineData("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "XML or SVG")]
    [InlineData("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj", "a PDF")]
    [InlineData("P6 1 1 255 abc", "text")]
    [InlineData("width=1 height=1", "text")]
    public void What_is_no_accepted_picture_is_named(string content, string name)
    {
        var refused = Refused(Encoding.ASCII.GetBytes(content));

        Assert.Equal(ImageFault.UnsupportedFormat, refused.Fault);
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.Contains("JPEG, PNG, WebP or GIF", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Formats_that_libvips_reads_and_we_do_not_are_refused()
    {
        byte[] bitmap = [.. "BM"u8, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, .. new byte[28]];
        byte[] jpegXl = [0xFF, 0x0A, .. new byte[32]];
        byte[] radiance = [.. "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n"u8, 1, 2, 3, 4];
        byte[] fits = [.. Encoding.ASCII.GetBytes("SIMPLE  =                    T".PadRight(2880))];

        Assert.All([bitmap, jpegXl, radiance, fits], bytes => Assert.Equal(ImageFault.UnsupportedFormat, Refused(bytes).Fault));
    }

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("lossy.webp")]
    [InlineData("transparent.webp")]
    [InlineData("animated.gif")]
    public void A_file_that_ends_early_is_damaged(string file)
    {
        var whole = Fixture.Read(file);

        Assert.Equal(ImageFault.Damaged, Refused(whole[..(whole.Length / 4)]).Fault);
        Assert.Equal(ImageFault.Damaged, Refused(whole[..(whole.Length * 45 / 100)]).Fault);
    }

    [Fact]
    public void An_animation_that_ends_after_its_first_frame_is_whole_enough()
    {
        var whole = Fixture.Read("animated.gif");

        Assert.Equal("RGBW", Quadrants.Letters(Decoder.Decode(whole.AsSpan(0, whole.Length * 6 / 10))));
    }

    [Fact]
    public void A_png_whose_data_end_early_or_do_not_inflate_is_damaged()
    {
        var whole = Png.Of(64, 64, Png.Rgb, 8, (x, y) => [(byte)(x * y), (byte)(x ^ y), (byte)(x * 31 + y * 17)]);
        var garbled = (byte[])whole.Clone();
        garbled.AsSpan(garbled.Length / 2, 32).Fill(0xA5);

        Assert.Equal(ImageFault.Damaged, Refused(whole[..(whole.Length / 2)]).Fault);
        Assert.Equal(ImageFault.Damaged, Refused(garbled).Fault);
    }

    [Fact]
    public void A_signature_alone_is_damaged()
    {
        Assert.Equal(ImageFault.Damaged, Refused([0xFF, 0xD8, 0xFF, 0xE0, 0, 16]).Fault);
        Assert.Equal(ImageFault.Damaged, Refused(Png.OfZeros(4, 4)[..20]).Fault);
    }

    [Fact]
    public void A_refusal_says_what_was_expected_what_came_and_what_to_do()
    {
        var whole = Png.Of(64, 64, Png.Rgb, 8, (x, y) => [(byte)(x * y), (byte)(x ^ y), (byte)(x * 31 + y * 17)]);

        var message = Refused(whole[..(whole.Length / 2)]).Message;

        Assert.StartsWith("Expected 64 x 64 pixels of PNG; came data that decode to ", message, StringComparison.Ordinal);
        Assert.EndsWith("sent whole.", message, StringComparison.Ordinal);
    }
}
