using System.Numerics;

namespace LoraRecycle.Core.Method.Distillation.Characters;

/// <summary>Puts strokes on white paper.</summary>
internal static class Ink
{
    /// <summary>Straight pieces that a stroke is drawn in.</summary>
    private const int Pieces = 20;

    /// <param name="character">What to write; the paper reaches from -1 to 1.</param>
    /// <param name="radius">Half of the pen's width, in pixels.</param>
    /// <param name="paper">[side, side] grey values, made white first.</param>
    /// <param name="side">Pixels a side.</param>
    public static void Write(Character character, float radius, Span<byte> paper, int side)
    {
        paper.Fill(byte.MaxValue);
        foreach (var stroke in character.Strokes)
        {
            var from = OnPaper(stroke.At(0), side);
            for (var piece = 1; piece <= Pieces; piece++)
            {
                var to = OnPaper(stroke.At((float)piece / Pieces), side);
                WriteLine(from, to, radius, paper, side);
                from = to;
            }
        }
    }

    private static Vector2 OnPaper(Vector2 point, int side) => ((point + Vector2.One) * (side / 2f)) - new Vector2(0.5f);

    private static void WriteLine(Vector2 from, Vector2 to, float radius, Span<byte> paper, int side)
    {
        var reach = new Vector2(radius + 1);
        var (lowest, highest) = (Vector2.Min(from, to) - reach, Vector2.Max(from, to) + reach);
        var along = to - from;
        var length = Math.Max(along.LengthSquared(), 1e-8f);
        for (var y = Math.Max(0, (int)lowest.Y); y <= Math.Min(side - 1, (int)highest.Y); y++)
        {
            for (var x = Math.Max(0, (int)lowest.X); x <= Math.Min(side - 1, (int)highest.X); x++)
            {
                var pixel = new Vector2(x, y);
                var nearest = from + (along * Math.Clamp(Vector2.Dot(pixel - from, along) / length, 0, 1));
                // The edge of a line is a pixel wide, so that it does not step.
                var grey = (byte)(255 * (1 - Math.Clamp(radius - Vector2.Distance(pixel, nearest) + 0.5f, 0, 1)));
                ref var there = ref paper[(y * side) + x];
                there = Math.Min(there, grey);
            }
        }
    }
}
