namespace LoraRecycle.Core.Method.Distillation;

/// <summary>How differently an image may look each time it is drawn. The paper mirrors at random and no more.</summary>
public sealed record Augmentation
{
    /// <summary>Whether an image is mirrored with probability 1/2.</summary>
    public bool Mirror { get; init; } = true;

    /// <summary>The smallest part of the model's input, as a share of its side, that a random crop shows enlarged; 1 for no
    /// crops.</summary>
    public double SmallestCrop { get; init; } = 1;

    /// <summary>How far an image may be rotated either way, in degrees.</summary>
    public double Rotation { get; init; }

    /// <summary>How far the sides of a crop may differ, each longer by up to this share of itself or shorter; 0 for squares.</summary>
    public double Stretch { get; init; }

    /// <summary>How far brightness, contrast and saturation may move, each by a factor of 1 - this to 1 + this.</summary>
    public double Colour { get; init; }

    /// <summary>How likely an image loses its colours.</summary>
    public double Grey { get; init; }

    /// <summary>How likely all images of an episode are seen as line drawings: dark where the picture has an edge, white
    /// elsewhere.</summary>
    public double LineDrawings { get; init; }

    /// <summary>How likely all images of an episode are seen with a third of their pixels a side, as small pictures are when they are
    /// enlarged.</summary>
    public double Coarse { get; init; }

    /// <summary>
    /// How likely a class of an interpolated episode is turned, all its images by the same quarter turns: another class for
    /// all that the model can see (task augmentation, arXiv 2003.00804).
    /// </summary>
    public double TurnedClasses { get; init; }

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    internal void Validate()
    {
        Require(SmallestCrop is > 0 and <= 1, nameof(SmallestCrop), "more than 0 and at most 1", SmallestCrop);
        Require(Rotation is >= 0 and <= 180, nameof(Rotation), "0 to 180", Rotation);
        Require(Stretch is >= 0 and < 1, nameof(Stretch), "at least 0 and less than 1", Stretch);
        Require(LineDrawings is >= 0 and <= 1, nameof(LineDrawings), "0 to 1", LineDrawings);
        Require(Coarse is >= 0 and <= 1, nameof(Coarse), "0 to 1", Coarse);
        Require(Colour is >= 0 and < 1, nameof(Colour), "at least 0 and less than 1", Colour);
        Require(Grey is >= 0 and <= 1, nameof(Grey), "0 to 1", Grey);
        Require(TurnedClasses is >= 0 and <= 1, nameof(TurnedClasses), "0 to 1", TurnedClasses);
    }

    private static void Require(bool holds, string name, string expected, double came)
    {
        if (!holds) throw new ArgumentException(FormattableString.Invariant($"{name}: expected {expected}, got {came}."), name);
    }
}
