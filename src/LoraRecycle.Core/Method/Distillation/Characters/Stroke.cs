using System.Numerics;

namespace LoraRecycle.Core.Method.Distillation.Characters;

/// <summary>One movement of a pen: a cubic Bezier curve. Coordinates are from -1 to 1, y downwards.</summary>
internal readonly record struct Stroke(Vector2 Start, Vector2 First, Vector2 Second, Vector2 End)
{
    public IEnumerable<Vector2> Points => [Start, First, Second, End];

    /// <param name="t">0 at the start, 1 at the end.</param>
    public Vector2 At(float t)
    {
        var left = 1 - t;
        return (left * left * left * Start) + (3 * left * left * t * First) + (3 * left * t * t * Second) + (t * t * t * End);
    }

    public Stroke Map(Func<Vector2, Vector2> map) => new(map(Start), map(First), map(Second), map(End));
}
