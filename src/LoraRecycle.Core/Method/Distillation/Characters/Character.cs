using System.Numerics;
using LoraRecycle.Core.Foundation.Randomness;

namespace LoraRecycle.Core.Method.Distillation.Characters;

/// <summary>
/// A character that no alphabet has: one to four strokes, most of which begin on another. Everybody writes it a little
/// differently. The numbers below were set by eye, so that characters look written and can be told apart.
/// </summary>
/// <param name="Strokes">Within -1 to 1.</param>
internal sealed record Character(IReadOnlyList<Stroke> Strokes)
{
    /// <summary>How often a character has one, two, three or four strokes.</summary>
    private static readonly double[] StrokeCounts = [0.2, 0.35, 0.3, 0.15];

    public static Character Invent(ref SplitMix64 random)
    {
        var strokes = new List<Stroke>();
        for (var left = CountOfStrokes(ref random); left > 0; left--) strokes.Add(NextStroke(ref random, strokes));
        var points = strokes.SelectMany(stroke => stroke.Points).ToArray();
        var middle = (points.Aggregate(Vector2.Min) + points.Aggregate(Vector2.Max)) / 2;
        var extent = points.Max(point => Math.Max(Math.Abs(point.X - middle.X), Math.Abs(point.Y - middle.Y)));
        // A dot stays small.
        var scale = 1 / Math.Max(extent, 0.3f);
        return new Character([.. strokes.Select(stroke => stroke.Map(point => (point - middle) * scale))]);
    }

    /// <summary>The character as another hand writes it: shaky, turned, stretched, slanted and not quite in the middle.</summary>
    public Character WrittenAnew(ref SplitMix64 random)
    {
        const double Shaking = 0.09;
        var turn = Matrix3x2.CreateRotation((float)(0.12 * random.NextGaussian()));
        var (width, height) = (0.5 + (0.35 * random.NextDouble()), 0.5 + (0.35 * random.NextDouble()));
        // A hand writes large or small more than it writes wide or tall.
        var size = Math.Sqrt(width * height);
        var scale = Matrix3x2.CreateScale((float)Math.Sqrt(size * width), (float)Math.Sqrt(size * height));
        var slant = new Matrix3x2(1, 0, (float)(0.1 * random.NextGaussian()), 1, 0, 0);
        var hand = slant * scale * turn * Matrix3x2.CreateTranslation(Around(ref random, 0.08));
        var strokes = new Stroke[Strokes.Count];
        for (var i = 0; i < strokes.Length; i++)
        {
            var (stroke, shift) = (Strokes[i], Around(ref random, 0.8 * Shaking));
            strokes[i] = new Stroke(
                stroke.Start + shift + Around(ref random, Shaking),
                stroke.First + shift + Around(ref random, Shaking),
                stroke.Second + shift + Around(ref random, Shaking),
                stroke.End + shift + Around(ref random, Shaking)
            ).Map(point => Vector2.Transform(point, hand));
        }
        return new Character(strokes);
    }

    private static int CountOfStrokes(ref SplitMix64 random)
    {
        var (drawn, count) = (random.NextDouble(), 1);
        foreach (var share in StrokeCounts)
        {
            if (drawn < share) break;
            drawn -= share;
            count++;
        }
        return Math.Min(count, StrokeCounts.Length);
    }

    private static Stroke NextStroke(ref SplitMix64 random, List<Stroke> others)
    {
        var start = others.Count > 0 && random.NextDouble() < 0.6
            ? others[random.Below(others.Count)].At((float)random.NextDouble())
            : new Vector2((float)((1.8 * random.NextDouble()) - 0.9), (float)((1.8 * random.NextDouble()) - 0.9));
        var (sin, cos) = Math.SinCos(2 * Math.PI * random.NextDouble());
        var length = 0.5 + (1.2 * random.NextDouble());
        var end = Vector2.Clamp(start + new Vector2((float)(length * cos), (float)(length * sin)), new Vector2(-0.95f), new Vector2(0.95f));
        // Nearly straight, or bent.
        var bend = random.NextDouble() < 0.4 ? 0.08 : 0.55;
        return new Stroke(
            start,
            Vector2.Lerp(start, end, 1 / 3f) + Around(ref random, bend),
            Vector2.Lerp(start, end, 2 / 3f) + Around(ref random, bend),
            end
        );
    }

    private static Vector2 Around(ref SplitMix64 random, double deviation) =>
        new((float)(deviation * random.NextGaussian()), (float)(deviation * random.NextGaussian()));
}
