namespace LoraRecycle.Core.Method.Distillation.Episodes;

/// <summary>The episodes of a step, or a device's share of them, as the numbers that a device needs.</summary>
/// <param name="Shape">The sizes of all that follows.</param>
/// <param name="Images">[images]: which; an episode's supports class by class, then its queries class by class.</param>
/// <param name="Places">[images, 6], see <see cref="ImageView"/>.</param>
/// <param name="Colours">[images, 12].</param>
/// <param name="LineDrawings">[images]: 1 for those seen as line drawings.</param>
/// <param name="Coarse">[images]: 1 for those seen with fewer pixels.</param>
/// <param name="Targets">[targets, ways]: what each query shall be recognised as.</param>
internal sealed record EpisodeBatch(
    StepShape Shape,
    long[] Images,
    float[] Places,
    float[] Colours,
    float[] LineDrawings,
    float[] Coarse,
    float[] Targets
)
{
    /// <summary>Some of the episodes; they alone, as if they had been drawn so.</summary>
    public EpisodeBatch Share(int first, int count)
    {
        var shape = Shape with { Episodes = count };
        var (images, targets) = (Shape.ImagesOfEpisode, Shape.Ways * Shape.Queries * (Targets.Length / Shape.Targets));
        return new(
            shape, Images.AsSpan(first * images, count * images).ToArray(),
            Places.AsSpan(first * images * ImageView.PlaceLength, count * images * ImageView.PlaceLength).ToArray(),
            Colours.AsSpan(first * images * ImageView.ColourLength, count * images * ImageView.ColourLength).ToArray(),
            LineDrawings.AsSpan(first * images, count * images).ToArray(),
            Coarse.AsSpan(first * images, count * images).ToArray(),
            Targets.AsSpan(first * targets, count * targets).ToArray());
    }
}
