using FsCheck;
using FsCheck.Fluent;
using LoraRecycle.Core.Foundation.Randomness;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Distillation.Episodes;

namespace LoraRecycle.Core.Tests.Distillation;

public class ImageViewTests
{
    [Fact]
    public void Without_augmentation_an_image_is_seen_as_it_is()
    {
        var (place, colour) = Draw(1, new Augmentation { Mirror = false });
        Assert.Equal([1, 0, 0, 0, 1, 0], place);
        Assert.Equal([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], colour);
    }

    [Theory]
    [InlineData(1, new float[] { 0, -1, 0, 1, 0, 0 })]
    [InlineData(2, new float[] { -1, 0, 0, 0, -1, 0 })]
    [InlineData(3, new float[] { 0, 1, 0, -1, 0, 0 })]
    public void Quarter_turns_move_corners_to_corners(int turns, float[] expected) =>
        Assert.Equal(expected, Draw(1, new Augmentation { Mirror = false }, turns).Place, (a, b) => Math.Abs(a - b) < 1e-6);

    [Fact]
    public void Rotation_and_stretch_stay_within_what_is_asked_for()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            var (place, _) = Draw(
                seed,
                new Augmentation
                {
                    Mirror = false,
                    Rotation = 30,
                    Stretch = 0.2,
                }
            );
            var (wide, tall) = (
                Math.Sqrt((place[0] * place[0]) + (place[3] * place[3])),
                Math.Sqrt((place[1] * place[1]) + (place[4] * place[4]))
            );
            Assert.InRange(wide, 0.8 - 1e-6, 1.2 + 1e-6);
            Assert.InRange(tall, 0.8 - 1e-6, 1.2 + 1e-6);
            Assert.InRange(Math.Atan2(place[3], place[0]) * 180 / Math.PI, -30.001, 30.001);
        }
    }

    [Fact]
    public void Without_colours_all_channels_are_the_luma()
    {
        var (_, colour) = Draw(1, new Augmentation { Grey = 1 });
        for (var row = 0; row < 3; row++) Assert.Equal([0.299f, 0.587f, 0.114f, 0], colour[(row * 4)..((row * 4) + 4)]);
    }

    [Fact]
    public void A_crop_never_leaves_the_image() => Check.One(
        Config.QuickThrowOnFailure.WithReplay(3, 7),
        Prop.ForAll(Gen.Four(Gen.Choose(0, 1_000_000)).ToArbitrary(), drawn =>
        {
            var augmentation = new Augmentation { SmallestCrop = 0.1 + (drawn.Item2 % 90 / 100.0) };
            var (place, _) = Draw((ulong)drawn.Item1, augmentation, drawn.Item3 % 4, 0.25 + (drawn.Item4 % 75 / 100.0));
            var corners = from x in new[] { -1f, 1f }
                          from y in new[] { -1f, 1f }
                          select ((place[0] * x) + (place[1] * y) + place[2], (place[3] * x) + (place[4] * y) + place[5]);
            return corners.All(corner => Math.Abs(corner.Item1) <= 1.0001f && Math.Abs(corner.Item2) <= 1.0001f);
        }));

    private static (float[] Place, float[] Colour) Draw(ulong seed, Augmentation augmentation, int turns = 0, double shown = 1)
    {
        var random = new SplitMix64(seed);
        var (place, colour) = (new float[ImageView.PlaceLength], new float[ImageView.ColourLength]);
        ImageView.Draw(ref random, augmentation, turns, shown, place, colour);
        return (place, colour);
    }
}
