using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Core.Tests.Imaging;

[Collection(nameof(Alone))]
public sealed class ImageDecoderLeakTests
{
    private static readonly ImageDecoder Decoder = new(new ImageDecoderOptions());

    [Fact]
    public void Thousands_of_decodes_and_failures_leave_no_memory_behind()
    {
        byte[][] inputs =
        [
            Fixture.Read("baseline.jpg"),
            Fixture.Read("progressive.jpg")[..500],
            Jpeg.WithOrientation(Fixture.Read("baseline.jpg"), 6),
            Fixture.Read("cmyk.jpg"),
            Fixture.Read("display-p3.jpg"),
            Fixture.Read("animated.webp"),
            Fixture.Read("animated.gif"),
            Fixture.Read("pages.tif"),
            Png.Of(64, 64, Png.Rgba, 16, (x, y) => [1, 2, (byte)x, 4, (byte)y, 6, 7, 8], interlaced: true),
            "text"u8.ToArray(),
        ];
        Rounds(inputs, 50);
        var (held, resident) = (GC.GetTotalMemory(forceFullCollection: true), ProcessMemory.Resident());

        Rounds(inputs, 200);

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - held, long.MinValue, 1 << 20);
        Assert.InRange(ProcessMemory.Resident() - resident, long.MinValue, 16 << 20);
    }

    private static void Rounds(byte[][] inputs, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            Parallel.ForEach(inputs, input =>
            {
                try
                {
                    Decoder.Decode(input);
                }
                catch (ImageException)
                {
                    // Some of the inputs are there to fail.
                }
            });
        }
        GC.Collect();
    }
}
