using System.Text.Json.Serialization;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Method.Inversion;

/// <summary>How images are made out of a LoRA; the defaults are the paper's (LoRA Recycle, section 4.1).</summary>
public sealed record InversionSettings
{
    /// <summary>Steps of gradient descent on the pixels.</summary>
    public int Iterations { get; init; } = 2000;

    /// <summary>Images of each class, all inverted in one batch; 20 make an episode of 5 shots and 15 queries.</summary>
    public int ImagesPerClass { get; init; } = 20;

    public double LearningRate { get; init; } = 0.25;

    /// <summary>Adam's decay of the mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.5;

    /// <summary>Adam's decay of the mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>alpha, the weight of R_BN; 0 turns the prior off.</summary>
    public double PriorWeight { get; init; } = 0.01;

    /// <summary>Which tokens leave the transformer on the way.</summary>
    [JsonConverter(typeof(TokenPruningJson))]
    public TokenPruning Pruning { get; init; } = TokenPruning.None;

    /// <summary>The share of the iterations after which pruning begins.</summary>
    public double PruningStart { get; init; } = 0.25;

    /// <summary>How far the batch may be rolled before a forward pass, as a share of each side.</summary>
    public double Jitter { get; init; } = 0.125;

    /// <summary>How likely the batch is mirrored before a forward pass.</summary>
    public double FlipProbability { get; init; } = 0.5;

    /// <summary>
    /// Side of the image that is made, in pixels, a multiple of the patch size; the model sees another random crop of it
    /// each time. 0 for the model's own size, and so no crops.
    /// </summary>
    public int Canvas { get; init; }

    /// <summary>Weight of the mean squared cosine between embeddings of the same class, which drives its images apart; 0 for
    /// none.</summary>
    public double DiversityWeight { get; init; }

    /// <summary>The share of each class's images that are to look like a second class as well, by 10 to 50 %.</summary>
    public double MixedLabels { get; init; }

    /// <summary>The same seed makes the same images of the same LoRA.</summary>
    public long Seed { get; init; }

    /// <summary>After how many iterations the loss is read, which is the only time the device is waited for.</summary>
    public int ReportEvery { get; init; } = 25;

    /// <summary>After how many iterations a checkpoint is written.</summary>
    public int CheckpointEvery { get; init; } = 500;

    /// <summary>Whether other settings make the same images: all that counts is equal, which how often a checkpoint is written does
    /// not.</summary>
    public bool MakesTheSameAs(InversionSettings other) => Identity == other?.Identity;

    /// <summary>All that decides the images and their loss curve, as text.</summary>
    internal string Identity => (this with { CheckpointEvery = 1 }).ToString();

    /// <exception cref="InversionException">A setting is out of its range, or does not fit the model.</exception>
    public InversionSettings Validated(VisionTransformerConfig model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Require(Iterations is >= 1 and <= 1_000_000, "1 to 1,000,000 iterations", Iterations);
        Require(ImagesPerClass is >= 1 and <= 4096, "1 to 4096 images per class", ImagesPerClass);
        Require(LearningRate is > 0 and <= 100, "a learning rate of more than 0 and at most 100", LearningRate);
        Require(Beta1 is >= 0 and < 1, "beta 1 of at least 0 and less than 1", Beta1);
        Require(Beta2 is >= 0 and < 1, "beta 2 of at least 0 and less than 1", Beta2);
        Require(PriorWeight is >= 0 and <= 1e6, "a prior weight of 0 or more", PriorWeight);
        Require(PruningStart is >= 0 and <= 1, "a pruning start from 0 to 1", PruningStart);
        Require(Jitter is >= 0 and <= 0.5, "a jitter from 0 to 0.5", Jitter);
        Require(FlipProbability is >= 0 and <= 1, "a flip probability from 0 to 1", FlipProbability);
        Require(DiversityWeight is >= 0 and <= 1e6, "a diversity weight of 0 or more", DiversityWeight);
        Require(MixedLabels is >= 0 and <= 1, "a share of mixed labels from 0 to 1", MixedLabels);
        Require(ReportEvery >= 1, "a report every 1 iteration or more", ReportEvery);
        Require(CheckpointEvery >= 1, "a checkpoint every 1 iteration or more", CheckpointEvery);
        Require(
            Canvas == 0 || (Canvas >= model.ImageSize && Canvas <= 8 * model.ImageSize && Canvas % model.PatchSize == 0),
            $"a canvas of 0, or of {model.ImageSize} to {8 * model.ImageSize} pixels in steps of {model.PatchSize}", Canvas);
        Pruning.RequireFits(model);
        return this;
    }

    private static void Require(bool holds, string expected, double actual)
    {
        if (!holds)
            throw new InversionException(
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Expected {expected}, got {actual}.")
            );
    }
}
