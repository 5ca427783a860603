using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Tests;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ImageDecoderFuzzTests
{
    private const int SlowestMilliseconds = 5_000;

    private static readonly ImageDecoder Decoder = new(
        new ImageDecoderOptions
        {
            AllowTiff = true,
            MaxPixels = 1_000_000,
            MaxDecodingBytes = 32 << 20,
        }
    );

    private static readonly byte[][] Seeds =
    [
        .. Directory
            .EnumerateFiles(Repository.PathOf("tests", "LoraRecycle.Core.Tests", "Imaging", "fixtures"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is not (".json" or ".md"))
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes),
        Png.Of(32, 32, Png.Rgba, 8, (x, y) => [(byte)x, (byte)y, 3, 4], interlaced: true),
        Png.Of(32, 32, Png.Palette, 8, (x, _) => [(byte)(x % 2)], interlaced: false, ("PLTE", [1, 2, 3, 4, 5, 6]), ("tRNS", [7])),
        Png.Of(3, 7, Png.Palette, 8, (x, _) => [(byte)(x % 2)], interlaced: true, ("PLTE", [1, 2, 3, 4, 5, 6])),
        .. Bmp.Samples.Values,
    ];

    private static readonly Config Settings = Config.QuickThrowOnFailure.WithReplay(2024, 2025).WithMaxTest(3000);

    [Fact]
    public void Random_bytes_are_refused_and_nothing_else_happens()
    {
        var bytes = ArbMap.Default.ArbFor<byte[]>();

        Prop.ForAll(bytes, noise => IsDecodedOrRefused(noise)).Check(Settings);
    }

    [Fact]
    public void Real_files_with_bytes_changed_and_ends_cut_are_decoded_or_refused()
    {
        // Headers are where the damage is: half of the changes go there.
        var mutated =
            from seed in Gen.Elements(Seeds)
            from length in Gen.Frequency((1, Gen.Choose(1, seed.Length)), (2, Gen.Constant(seed.Length)))
            from changes in Gen.Choose(0, 12)
            from places in Gen.OneOf(Gen.Choose(0, length - 1), Gen.Choose(0, Math.Min(length, 200) - 1)).ArrayOf(changes)
            from values in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements(0, 1, 0x7F, 0x80, 0xFF)).ArrayOf(changes)
            select Mutate(seed, length, places, values);

        Prop.ForAll(mutated.ToArbitrary(), bytes => IsDecodedOrRefused(bytes)).Check(Settings);
    }

    [Fact]
    public void Every_file_cut_anywhere_in_its_header_is_decoded_or_refused()
    {
        foreach (var seed in Seeds)
        {
            for (var length = 0; length < Math.Min(seed.Length, 400); length++)
                Assert.True(IsDecodedOrRefused(seed[..length]));
        }
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
        var clock = Stopwatch.StartNew();
        try
        {
            var image = Decoder.Decode(encoded);
            return image.Pixels.Length == image.Width * image.Height * DecodedImage.Channels
                && clock.ElapsedMilliseconds < SlowestMilliseconds;
        }
        catch (ImageException refused)
        {
            return Enum.IsDefined(refused.Fault) && clock.ElapsedMilliseconds < SlowestMilliseconds;
        }
    }
}
