using System.Numerics;
using LoraRecycle.Core.Foundation.Randomness;
using LoraRecycle.Core.Method.Distillation.Characters;

namespace LoraRecycle.Core.Tests.Distillation.Characters;

public class CharacterTests
{
    [Fact]
    public void An_invented_character_has_one_to_four_strokes_within_the_paper()
    {
        var random = new SplitMix64(5);
        var counts = new HashSet<int>();
        for (var i = 0; i < 200; i++)
        {
            var character = Character.Invent(ref random);
            counts.Add(character.Strokes.Count);
            Assert.All(character.Strokes.SelectMany(stroke => stroke.Points), point =>
            {
                Assert.InRange(point.X, -1.0001f, 1.0001f);
                Assert.InRange(point.Y, -1.0001f, 1.0001f);
            });
        }
        Assert.Equal([1, 2, 3, 4], counts.Order());
    }

    [Fact]
    public void Another_hand_keeps_the_strokes_and_moves_their_points()
    {
        var random = new SplitMix64(6);
        var character = Character.Invent(ref random);
        var again = character.WrittenAnew(ref random);
        Assert.Equal(character.Strokes.Count, again.Strokes.Count);
        Assert.All(character.Strokes.Zip(again.Strokes), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact]
    public void A_stroke_goes_from_its_start_to_its_end()
    {
        var stroke = new Stroke(new Vector2(-1, 0), new Vector2(-0.5f, 1), new Vector2(0.5f, 1), new Vector2(1, 0));
        Assert.Equal(stroke.Start, stroke.At(0));
        Assert.Equal(stroke.End, stroke.At(1));
        Assert.Equal(new Vector2(0, 0.75f), stroke.At(0.5f));
    }

    [Fact]
    public void Ink_is_where_the_stroke_is_and_as_wide_as_the_pen()
    {
        var line = new Stroke(new Vector2(-0.5f, 0), new Vector2(-0.2f, 0), new Vector2(0.2f, 0), new Vector2(0.5f, 0));
        var paper = new byte[16 * 16];
        Ink.Write(new Character([line]), 1.5f, paper, 16);
        // The middle of the paper lies between rows 7 and 8: half a pixel from both.
        Assert.Equal(
            [255, 255, 255, 255, 255, 255, 127, 0, 0, 127, 255, 255, 255, 255, 255, 255],
            Enumerable.Range(0, 16).Select(row => (int)paper[(row * 16) + 8])
        );
        Assert.Equal(255, paper[(8 * 16) + 0]);
        Assert.Equal(255, paper[(8 * 16) + 15]);
    }
}
