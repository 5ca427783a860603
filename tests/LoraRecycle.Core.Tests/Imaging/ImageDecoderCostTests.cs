using System.Diagnostics;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>Pictures that cost more than their bytes and pixels say.</summary>
[Collection(nameof(Alone))]
public sealed class ImageDecoderCostTests
{
    private static readonly byte[] Progressive = Fixture.Read("progressive.jpg");

    /// <summary>What hides scans from whoever counts them in another way than the codec does.</summary>
    public static TheoryData<string, byte[]> Hiding => new()
    {
        { "nothing", [] },
        { "an end in a segment that has no name", [0xFF, 0x02, 0, 4, 0xFF, 0xD9] },
        { "an end in a comment", [0xFF, 0xFE, 0, 4, 0xFF, 0xD9] },
        { "a scan in a comment", [0xFF, 0xFE, 0, 4, 0xFF, 0xDA] },
        { "an end", [0xFF, 0xD9] },
        { "a start and an end", [0xFF, 0xD8, 0xFF, 0xD9] },
        { "padding", [0xFF, 0xFF, 0xFF, 0xFF] },
        { "a restart that nobody expects", [0xFF, 0xD0, 0, 4, 0xFF, 0xD9] },
        { "a segment that claims all the rest", [0xFF, 0x02, 0xFF, 0xFF, 0xFF, 0xD9] },
    };

    [Theory, MemberData(nameof(Hiding))]
    public void Scans_beyond_the_limit_are_not_decoded_wherever_they_are_hidden(string what, byte[] before)
    {
        var many = WithScans(Jpeg.WithSize(Progressive, 4000, 4000), 3000, before);
        var clock = Stopwatch.StartNew();
        try
        {
            new ImageDecoder(new ImageDecoderOptions()).Decode(many);
        }
        catch (ImageException)
        {
        }
        Assert.True(clock.ElapsedMilliseconds < 3000, $"With {what} before them they took {clock.ElapsedMilliseconds} ms.");
    }

    [Fact]
    public void The_limit_on_scans_is_a_setting()
    {
        var decoder = new ImageDecoder(new ImageDecoderOptions { MaxJpegScans = 5 });

        Assert.Equal(ImageFault.TooCostly, Assert.Throws<ImageException>(() => decoder.Decode(Progressive)).Fault);
    }

    [Fact]
    public void A_picture_that_takes_longer_than_the_deadline_is_given_up()
    {
        var slow = new ImageDecoder(new ImageDecoderOptions { MaxJpegScans = 10_000, MaxDecodingTime = TimeSpan.FromMilliseconds(300) });
        var clock = Stopwatch.StartNew();

        var refused = Assert.Throws<ImageException>(() => slow.Decode(WithScans(Jpeg.WithSize(Progressive, 5000, 5000), 5000, [])));

        Assert.Equal(ImageFault.TooCostly, refused.Fault);
        Assert.Contains("0.3 s", refused.Message, StringComparison.Ordinal);
        Assert.InRange(clock.ElapsedMilliseconds, 250, 3000);
    }

    [Fact]
    public void Who_hangs_up_stops_the_decoding()
    {
        var slow = new ImageDecoder(new ImageDecoderOptions { MaxJpegScans = 10_000, MaxDecodingTime = TimeSpan.FromMinutes(1) });
        using var hangUp = new CancellationTokenSource(300);
        var clock = Stopwatch.StartNew();

        Assert.ThrowsAny<OperationCanceledException>(
            () => slow.DecodeUntil(WithScans(Jpeg.WithSize(Progressive, 5000, 5000), 5000, []), hangUp.Token));

        Assert.InRange(clock.ElapsedMilliseconds, 250, 3000);
    }

    [Theory]
    [InlineData(0xFF, 0xFF)]
    [InlineData(0x0F, 0xFF)]
    public void A_lossless_webp_of_forty_bytes_takes_no_memory_for_the_code_groups_that_it_only_names(byte red, byte green)
    {
        var webp = WebP.NamingGroups(red, green);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();

        var refused = Assert.Throws<ImageException>(() => new ImageDecoder(new ImageDecoderOptions()).Decode(webp));

        Assert.Equal(ImageFault.TooCostly, refused.Fault);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.InRange(clock.ElapsedMilliseconds, 0, 1000);
    }

    private static byte[] WithScans(byte[] jpeg, int scans, byte[] before)
    {
        var scan = jpeg[Jpeg.LastScan(jpeg)..^2];
        return [.. jpeg[..^2], .. before, .. Enumerable.Repeat(scan, scans).SelectMany(bytes => bytes), .. jpeg[^2..]];
    }
}
