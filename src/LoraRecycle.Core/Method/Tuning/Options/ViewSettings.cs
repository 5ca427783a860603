using static LoraRecycle.Core.Method.Tuning.Options.TuningException;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>What a step sees of its images, beside mirroring them at random.</summary>
public sealed record ViewSettings
{
    /// <summary>How many views of each image are in a batch.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The smallest side of a random crop, as a share of the image's; 1 for no crops.</summary>
    public double SmallestCrop { get; init; } = 1;

    /// <summary>How far brightness and contrast move, by a factor of 1 - this to 1 + this.</summary>
    public double Colour { get; init; }

    /// <summary>How likely an image is seen as a line drawing.</summary>
    public double Lines { get; init; }

    /// <summary>Whether images are mixed in pairs, and their labels with them (mixup).</summary>
    public bool Mixup { get; init; }

    internal void Validate()
    {
        Require(Count is >= 1 and <= 16, "1 to 16 views of an image", Count);
        Require(SmallestCrop is > 0 and <= 1, "a smallest crop above 0 and at most 1", SmallestCrop);
        Require(Colour is >= 0 and < 1, "a change of colour of 0 to less than 1", Colour);
        Require(Lines is >= 0 and <= 1, "a share of line drawings of 0 to 1", Lines);
    }
}
