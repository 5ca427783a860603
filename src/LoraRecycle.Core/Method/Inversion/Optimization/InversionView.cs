using LoraRecycle.Core.Foundation.Randomness;

namespace LoraRecycle.Core.Method.Inversion.Optimization;

/// <summary>
/// What a forward pass sees of the images: a crop, rolled and perhaps mirrored. A pure function of seed and iteration, so
/// that a resumed run draws what an unbroken one would have drawn.
/// </summary>
internal readonly record struct InversionView(int CropY, int CropX, int RollY, int RollX, bool Flip)
{
    /// <param name="settings">Seed, jitter and flips.</param>
    /// <param name="iteration">From 0.</param>
    /// <param name="side">The model's input.</param>
    /// <param name="canvas">The images.</param>
    public static InversionView At(InversionSettings settings, int iteration, int side, int canvas)
    {
        var random = SplitMix64.OfStream(settings.Seed, iteration);
        var (slack, roll) = (canvas - side, (int)(settings.Jitter * side));
        return new(
            random.Between(0, slack), random.Between(0, slack), random.Between(-roll, roll), random.Between(-roll, roll),
            random.NextDouble() < settings.FlipProbability);
    }

    /// <summary>Which row of the images each row of the view is.</summary>
    public long[] Rows(int side) => From(side, CropY, RollY, mirrored: false);

    /// <summary>Which column of the images each column of the view is.</summary>
    public long[] Columns(int side) => From(side, CropX, RollX, Flip);

    /// <summary>The way back: which row or column of the view each one of the images is, or -1 where the view has it not.</summary>
    public static long[] Back(long[] seen, int canvas)
    {
        var back = new long[canvas];
        Array.Fill(back, -1);
        for (var i = 0; i < seen.Length; i++) back[seen[i]] = i;
        return back;
    }

    private static long[] From(int side, int crop, int roll, bool mirrored) =>
        [.. Enumerable.Range(0, side).Select(i => crop + (long)(((mirrored ? side - 1 - i : i) - roll + side) % side))];
}
