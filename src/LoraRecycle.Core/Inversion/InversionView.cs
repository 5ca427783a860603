using static TorchSharp.torch;

namespace LoraRecycle.Core.Inversion;

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
        var random = new CounterRandom(settings.Seed, iteration);
        var (slack, roll) = (canvas - side, (int)(settings.Jitter * side));
        return new(
            random.Next(0, slack), random.Next(0, slack), random.Next(-roll, roll), random.Next(-roll, roll),
            random.NextDouble() < settings.FlipProbability);
    }

    /// <param name="images">[batch, 3, canvas, canvas].</param>
    /// <param name="side">The model's input.</param>
    /// <returns>[batch, 3, side, side].</returns>
    public Tensor Of(Tensor images, int side)
    {
        using var scope = NewDisposeScope();
        var seen = images.shape[2] == side ? images : images.narrow(2, CropY, side).narrow(3, CropX, side);
        if ((RollY, RollX) != (0, 0)) seen = seen.roll([RollY, RollX], [2, 3]);
        return (Flip ? seen.flip(3) : seen.alias()).MoveToOuterDisposeScope();
    }
}
