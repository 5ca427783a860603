using FsCheck;
using FsCheck.Fluent;

using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ImageDecoderFuzzTests
{
    private static readonly ImageDecoder Decoder = new(new ImageDecoderOptions { AllowTiff = true, MaxPixels = 1_000_000 });

    private static readonly byte[][] Seeds =
    [
        .. new[] { "baseline.jpg", "progressive.jpg", "cmyk-profile.jpg", "display-p3.jpg", "lossy.webp", "transparent.webp", "animated.webp", "animated.gif", "pages.tif" }
            .Select(Fixture.Read),
        Png.Of(32, 32, Png.Rgba, 8, (x, y) => [(byte)x, (byte)y, 3, 4], interlaced: true),
        Png.Of(32, 32, Png.Palette, 8, (x, _) => [(byte)(x % 2)], interlaced: false, ("PLTE", [1, 2, 3, 4, 5, 6]), ("tRNS", [7])),
    ];

    private static readonly Config Settings = Config.QuickThrowOnFailure.WithReplay(2024, 2025).WithMaxTest(1500);

    [Fact]
    public void Random_bytes_are_refused_and_nothing_else_happens()
    {
        var bytes = ArbMap.Default.ArbFor<byte[]>();

        Prop.ForAll(bytes, noise => IsDecodedOrRefused(noise)).Check(Settings);
    }

    [Fact]
    public void Real_files_with_bytes_changed_and_ends_cut_are_decoded_or_refused()
    {
        var mutated =
            from seed in Gen.Elements(Seeds)
            from length in Gen.Choose(seed.Length / 2, seed.Length)
            from changes in Gen.Choose(0, 12)
            from places in Gen.Choose(0, length - 1).ArrayOf(changes)
            from values in Gen.Choose(0, 255).ArrayOf(changes)
            select Mutate(seed, length, places, values);

        Prop.ForAll(mutated.ToArbitrary(), bytes => IsDecodedOrRefused(bytes)).Check(Settings);
    }

    private static byte[] Mutate(byte[] seed, int length, int[] places, int[] values)
    {
        var mutated = seed[..length];
        for (var i = 0; i < places.Length; i++)
            mutated[places[i]] = (byte)values[i];
        return mutated;
    }

    private static bool IsDecodedOrRefused(byte[] encoded)
    {
        try
        {
            var image = Decoder.Decode(encoded);
            return image.Pixels.Length == image.Width * image.Height * DecodedImage.Channels;
        }
        catch (ImageException refused)
        {
            return Enum.IsDefined(refused.Fault);
        }
    }
}
