using System.Numerics;

namespace LoraRecycle.Core.FewShot;

/// <summary>The three loops over embeddings that a prototype classifier needs, vectorised, with sums in double precision.</summary>
internal static class Vectors
{
    /// <summary>The squared Euclidean distance of two vectors of one length.</summary>
    public static double SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var width = Vector<float>.Count;
        var low = Vector<double>.Zero;
        var high = Vector<double>.Zero;
        var i = 0;
        for (; i <= a.Length - width; i += width)
        {
            Vector.Widen(new Vector<float>(a[i..]), out var aLow, out var aHigh);
            Vector.Widen(new Vector<float>(b[i..]), out var bLow, out var bHigh);
            var differenceLow = aLow - bLow;
            var differenceHigh = aHigh - bHigh;
            low += differenceLow * differenceLow;
            high += differenceHigh * differenceHigh;
        }
        var sum = Vector.Sum(low + high);
        for (; i < a.Length; i++)
        {
            var difference = (double)a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }

    /// <summary>Adds <paramref name="values"/> to <paramref name="sums"/>, element by element.</summary>
    public static void Accumulate(Span<double> sums, ReadOnlySpan<float> values)
    {
        for (var i = 0; i < sums.Length; i++)
            sums[i] += values[i];
    }

    public static bool AllFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
            if (!float.IsFinite(value))
                return false;
        return true;
    }

    public static void ThrowIfNotFinite(ReadOnlySpan<float> values, string what, string parameter)
    {
        if (!AllFinite(values))
            throw new ArgumentException($"{what} must be finite; found a NaN or an infinity.", parameter);
    }
}
