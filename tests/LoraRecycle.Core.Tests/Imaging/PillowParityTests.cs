using System.Text.Json;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>Every picture of fixtures/pictures against what Pillow makes of it, or the reason why it is refused.</summary>
public sealed class PillowParityTests
{
    private const double MeanTolerance = 1;

    // Two of the pictures are lines.
    private static readonly ImageDecoder Decoder = new(new ImageDecoderOptions { AllowTiff = true, MaxAspectRatio = 1000 });

    private static readonly Dictionary<string, Expected> All = JsonSerializer.Deserialize<Dictionary<string, Expected>>(
        Fixture.Read("pictures/expected.json"), JsonSerializerOptions.Web)!;

    public static TheoryData<string> Decoded => [.. All.Where(picture => picture.Value.Fault is null).Select(picture => picture.Key)];

    public static TheoryData<string> Refused => [.. All.Where(picture => picture.Value.Fault is not null).Select(picture => picture.Key)];

    [Theory]
    [MemberData(nameof(Decoded))]
    public void What_is_decoded_has_the_pixels_that_Pillow_gives(string file)
    {
        var image = Decoder.Decode(Fixture.Read($"pictures/{file}"));

        if (All[file].Pixels is not { } pixels)
            return;
        var pillow = Decoder.Decode(Fixture.Read($"pictures/pillow/{pixels}"));
        Assert.Equal((pillow.Width, pillow.Height), (image.Width, image.Height));
        var mean = pillow.Pixels.Zip(image.Pixels, (expected, actual) => Math.Abs(expected - actual)).Average();
        Assert.InRange(mean, 0, file.EndsWith(".jpg", StringComparison.Ordinal) ? MeanTolerance : 0);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_refused_is_named_with_what_to_do(string file)
    {
        var refused = Assert.Throws<ImageException>(() => Decoder.Decode(Fixture.Read($"pictures/{file}")));

        Assert.Equal(All[file].Fault, refused.Fault.ToString());
        Assert.Contains(All[file].Came!, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            refused.Fault == ImageFault.Damaged ? "sent completely." : "Save the image as JPEG or PNG and send that file.",
            refused.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Sixteen_bit_grey_is_scaled_and_not_clipped_as_Pillow_does()
    {
        var image = Decoder.Decode(Fixture.Read("pictures/gray16.png"));

        Assert.True(image.Pixels.Distinct().Count() > 100);
        Assert.All(image.Pixels.Chunk(3), pixel => Assert.True(pixel[0] == pixel[1] && pixel[1] == pixel[2]));
    }

    private sealed record Expected(string? Pixels, string? Fault, string? Came);
}
