using LoraRecycle.Core.Foundation.Randomness;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Characters;

/// <summary>
/// Images of invented characters, each by many hands: classes to learn from that no data and no LoRA stands behind. An
/// episode of them asks for what any recognition of drawings needs, and synthetic images lack: that a shape stays what it is
/// whoever draws it.
/// </summary>
internal static class DrawnCharacters
{
    /// <summary>Half of a pen's width at 64 pixels a side.</summary>
    private const double Radius = 1.1;

    /// <param name="characters">How many.</param>
    /// <param name="hands">Images of each.</param>
    /// <param name="side">Pixels a side.</param>
    /// <param name="seed">The same seed invents the same characters; more of them begin with the same ones.</param>
    /// <returns>[characters * hands, 3, side, side], 8 bit, black on white; one character after the other.</returns>
    public static Tensor Draw(int characters, int hands, int side, long seed)
    {
        var grey = new byte[(long)characters * hands * side * side];
        Parallel.For(
            0,
            characters,
            index =>
            {
                var random = SplitMix64.OfStream(seed, index);
                var character = Character.Invent(ref random);
                for (var hand = 0; hand < hands; hand++)
                {
                    var radius = Radius * side / 64 * (0.8 + (0.45 * random.NextDouble()));
                    Ink.Write(
                        character.WrittenAnew(ref random),
                        (float)radius,
                        grey.AsSpan(((index * hands) + hand) * side * side, side * side),
                        side
                    );
                }
            }
        );
        return tensor(grey, [(long)characters * hands, 1, side, side]).expand(-1, 3, -1, -1).contiguous();
    }

    /// <summary>How much ink is in each patch: what a mask keeps of a drawing.</summary>
    /// <param name="drawings">[count, 3, side, side], 8 bit.</param>
    /// <param name="patchSize">Pixels a side.</param>
    /// <returns>[count, patches], 0 to 1.</returns>
    public static Tensor Saliency(Tensor drawings, int patchSize)
    {
        using var scope = NewDisposeScope();
        var ink = drawings.narrow(1, 0, 1).to(ScalarType.Float32).div(-255).add(1);
        var grid = drawings.shape[2] / patchSize;
        return nn.functional.adaptive_avg_pool2d(ink, [grid, grid]).flatten(1).MoveToOuterDisposeScope();
    }
}
