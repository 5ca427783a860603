using LoraRecycle.Core.Method.Distillation.Characters;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Distillation.Characters;

public class DrawnCharactersTests
{
    [Fact]
    public void A_seed_draws_the_same_and_more_characters_begin_with_the_same_ones()
    {
        using var scope = NewDisposeScope();
        var few = DrawnCharacters.Draw(2, 3, 32, seed: 7);
        var more = DrawnCharacters.Draw(4, 3, 32, seed: 7);
        Assert.Equal([6, 3, 32, 32], few.shape);
        Assert.True(few.eq(more.narrow(0, 0, 6)).all().item<bool>());
        Assert.False(few.eq(DrawnCharacters.Draw(2, 3, 32, seed: 8)).all().item<bool>());
    }

    [Fact]
    public void Drawings_are_black_on_white_and_no_hand_leaves_the_paper_empty()
    {
        using var scope = NewDisposeScope();
        var drawings = DrawnCharacters.Draw(40, 4, 64, seed: 1);
        var ink = drawings.narrow(1, 0, 1).to(ScalarType.Float32).div(-255).add(1).mean([1, 2, 3]).data<float>().ToArray();
        Assert.All(ink, share => Assert.InRange(share, 0.001f, 0.3f));
        Assert.True(drawings.narrow(1, 0, 1).eq(drawings.narrow(1, 2, 1)).all().item<bool>(), "ink is grey");
    }

    [Fact]
    public void Hands_differ_less_than_characters_do()
    {
        const int Characters = 30, Hands = 6;
        using var scope = NewDisposeScope();
        // Coarse, so that a slightly shifted line is still near to itself.
        var coarse = DrawnCharacters
            .Saliency(DrawnCharacters.Draw(Characters, Hands, 64, seed: 3), 8)
            .data<float>()
            .ToArray()
            .Chunk(64)
            .ToArray();
        var right = 0;
        for (var query = 0; query < coarse.Length; query++)
        {
            // One support of each character: its first hand.
            var nearest = Enumerable.Range(0, Characters).MinBy(character => Distance(coarse[query], coarse[character * Hands]));
            if (query % Hands != 0 && nearest == query / Hands) right++;
        }
        // One in thirty by chance.
        Assert.True(right > coarse.Length / 4, $"{right} of {coarse.Length} are nearest to another hand's drawing of the same character");

        static double Distance(float[] a, float[] b) => a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum();
    }

    [Fact]
    public void Saliency_is_the_share_of_ink_in_each_patch()
    {
        using var scope = NewDisposeScope();
        var drawing = full([1, 3, 16, 16], 255, ScalarType.Byte);
        drawing.narrow(2, 0, 8).narrow(3, 8, 4).fill_(0);
        Assert.Equal([0, 0.5f, 0, 0], DrawnCharacters.Saliency(drawing, 8).data<float>().ToArray());
    }
}
