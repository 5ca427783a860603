using System.Text;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

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
        Assert.Contains("JPEG, PNG, WebP, GIF or BMP", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Formats_that_other_decoders_read_are_refused()
    {
        byte[] jpegXl = [0xFF, 0x0A, .. new byte[32]];
        byte[] radiance = [.. "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n"u8, 1, 2, 3, 4];
        byte[] fits = [.. Encoding.ASCII.GetBytes("SIMPLE  =                    T".PadRight(2880))];

        Assert.All([jpegXl, radiance, fits], bytes => Assert.Equal(ImageFault.UnsupportedFormat, Refused(bytes).Fault));
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

    [Theory]
    [InlineData(false, Png.Rgb)]
    [InlineData(false, Png.Rgba)]
    [InlineData(true, Png.Rgb)]
    public void A_png_with_fewer_rows_than_its_header_says_is_damaged_though_its_chunks_are_whole(bool interlaced, byte colourType)
    {
        byte[] White(int x, int y) => colourType == Png.Rgb ? [255, 255, 255] : [255, 255, 255, 255];
        var tall = Png.WithHeight(Png.Of(20, 20, colourType, 8, White, interlaced), 21);

        Assert.Equal(ImageFault.Damaged, Refused(tall).Fault);
    }

    [Fact]
    public void A_png_whose_last_row_is_black_is_whole()
    {
        var image = Decoder.Decode(Png.Of(20, 20, Png.Grey, 8, (_, y) => [(byte)(19 - y)]));

        Assert.Equal(0, image.Pixels[^1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Indices_beyond_a_palette_show_no_other_memory(bool interlaced)
    {
        var png = Png.Of(8, 8, Png.Palette, 8, (x, _) => [(byte)(x * 36)], interlaced, ("PLTE", [200, 201, 202]));

        Assert.All(Decoder.Decode(png).Pixels.Skip(3).Take(21), sample => Assert.Equal(0, sample));
        Assert.Equal(ImageFault.Damaged, Refused(Png.Of(8, 8, Png.Palette, 8, (_, _) => [0], interlaced)).Fault);
    }

    [Fact]
    public void A_gif_frame_beyond_its_canvas_is_the_fault_of_the_picture()
    {
        var whole = Fixture.Read("animated.gif");

        foreach (var (width, height) in new[] { (Quadrants.Width - 1, Quadrants.Height), (Quadrants.Width, Quadrants.Height - 1), (1, 1) })
        {
            var canvas = (byte[])whole.Clone();
            (canvas[6], canvas[8]) = ((byte)width, (byte)height);
            var refused = Refused(canvas);
            Assert.Equal(ImageFault.Damaged, refused.Fault);
            Assert.Contains("beyond its canvas", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_webp_that_ends_early_is_damaged_whatever_its_size_field_says()
    {
        var cut = Fixture.Read("lossy.webp")[..120];
        BitConverter.TryWriteBytes(cut.AsSpan(4), cut.Length - 8);

        Assert.Equal(ImageFault.Damaged, Refused(cut).Fault);
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

        Assert.StartsWith("Expected 64 x 64 pixels of PNG; found data that decodes to only ", message, StringComparison.Ordinal);
        Assert.EndsWith("sent completely.", message, StringComparison.Ordinal);
    }
}
