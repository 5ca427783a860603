using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Method.Distillation;

/// <summary>Where the meta-LoRA starts from.</summary>
public enum MetaLoraStart
{
    /// <summary>B = 0, so that training starts at the bare model (arXiv 2106.09685).</summary>
    Zero,

    /// <summary>The best low-rank approximation of the LoRAs' summed deltas, times
    /// <see cref="DistillationSettings.StartWeight"/>.</summary>
    Sum,
}

/// <summary>
/// Everything that decides a distillation run (the paper's section 3.3). Where the defaults are not the paper's (rank 4 on
/// q and v, a start from zero, 5 ways, temperature 1, mirroring alone), <c>docs/results.md</c> has the numbers for it.
/// </summary>
public sealed record DistillationSettings
{
    public int Iterations { get; init; } = 400;

    /// <summary>Episodes whose losses are averaged in one step.</summary>
    public int EpisodesPerStep { get; init; } = 2;

    /// <summary>Shots a class; each episode draws one of them.</summary>
    public IReadOnlyList<int> Shots { get; init; } = [1, 5];

    /// <summary>Queries a class.</summary>
    public int Queries { get; init; } = 15;

    public int Rank { get; init; } = 16;

    public double Alpha { get; init; } = 16;

    /// <summary>Which layers of each block the meta-LoRA adapts.</summary>
    public IReadOnlyList<string> Targets { get; init; } = ["q", "k", "v", "out"];

    public double PeakLearningRate { get; init; } = 2e-4;

    public double FloorLearningRate { get; init; } = 1e-5;

    /// <summary>Steps of linear warm-up at the start of each cycle.</summary>
    public int WarmUp { get; init; } = 25;

    /// <summary>Steps of cosine decay after it.</summary>
    public int Decay { get; init; } = 75;

    /// <summary>Share of episodes that combine classes of different LoRAs; the others are a LoRA's own task.</summary>
    public double InterpolationShare { get; init; } = 0.7;

    /// <summary>Classes of an interpolated episode.</summary>
    public int InterpolationWays { get; init; } = 20;

    /// <summary>
    /// Whether classes of one name in several LoRAs are one class, whose images may then come from different LoRAs, and
    /// never are two classes of one episode.
    /// </summary>
    public bool MergesNames { get; init; } = true;

    /// <summary>In interpolated episodes, how much of the target is the opinions of the teachers that know its classes; the rest is the
    /// label.</summary>
    public double OpinionShare { get; init; }

    /// <summary>Invented characters that some steps' episodes are made of, beside the LoRAs' images; 0 for none.</summary>
    public int DrawnCharacters { get; init; }

    /// <summary>Share of the steps whose episodes are made of them.</summary>
    public double DrawnShare { get; init; } = 0.5;

    /// <summary>Share of an image's patches that are masked and never enter the transformer; each step draws one of them.</summary>
    public IReadOnlyList<double> Masked { get; init; } = [0];

    /// <summary>False for the ablation: joint supervised training of one classifier over all classes, and no episodes.</summary>
    public bool MetaLearning { get; init; } = true;

    public Augmentation Augmentation { get; init; } = new() { SmallestCrop = 0.5, Colour = 0.4, Grey = 0.2 };

    /// <summary>
    /// Distances are divided by this before the softmax of training; predictions do not depend on it. Null for a sixteenth of
    /// the mean squared distance that the bare model sees between two of the images.
    /// </summary>
    public double? Temperature { get; init; }

    public MetaLoraStart Start { get; init; } = MetaLoraStart.Zero;

    /// <summary>The factor before the sum; null for <see cref="UsualStartWeight"/>.</summary>
    public double? StartWeight { get; init; }

    public int Seed { get; init; }

    /// <summary>Steps between two readings of the loss.</summary>
    public int ReportEvery { get; init; } = 25;

    /// <summary>Steps between two checkpoints; a multiple of <see cref="ReportEvery"/>.</summary>
    public int CheckpointEvery { get; init; } = 250;

    [JsonIgnore]
    internal bool Masks => Masked.Any(share => share > 0);

    /// <summary>Images of each invented character: as many as the largest episode uses of a class, and never fewer than 20.</summary>
    [JsonIgnore]
    internal int Hands => Math.Max(20, Shots.Max() + Queries);

    /// <summary>Whether some target is a teacher's soft label.</summary>
    [JsonIgnore]
    internal bool AsksTeachers => MetaLearning && (InterpolationShare < 1 || OpinionShare > 0);

    /// <summary>3.6 times the average of the LoRAs, and never more than their plain sum.</summary>
    public static double UsualStartWeight(int loras) => Math.Min(1, 3.6 / Math.Max(1, loras));

    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public DistillationSettings Validated()
    {
        Require(Iterations > 0, nameof(Iterations), "at least 1", Iterations);
        Require(EpisodesPerStep > 0, nameof(EpisodesPerStep), "at least 1", EpisodesPerStep);
        Require(
            Shots.Count > 0 && Shots.All(shots => shots > 0),
            nameof(Shots),
            "at least one number, each at least 1",
            string.Join(", ", Shots)
        );
        Require(Queries > 0, nameof(Queries), "at least 1", Queries);
        Require(Rank is > 0 and <= 256, nameof(Rank), "1 to 256", Rank);
        Require(Targets.Count > 0, nameof(Targets), "at least one layer", "none");
        Require(
            FloorLearningRate > 0 && PeakLearningRate >= FloorLearningRate,
            nameof(PeakLearningRate),
            $"at least the floor of {FloorLearningRate}",
            PeakLearningRate
        );
        Require(WarmUp >= 0 && Decay > 0, nameof(Decay), "a warm-up of at least 0 and a decay of at least 1 step", $"{WarmUp} and {Decay}");
        Require(InterpolationShare is >= 0 and <= 1, nameof(InterpolationShare), "0 to 1", InterpolationShare);
        Require(InterpolationWays >= 2, nameof(InterpolationWays), "at least 2 classes", InterpolationWays);
        Require(OpinionShare is >= 0 and <= 1, nameof(OpinionShare), "0 to 1", OpinionShare);
        Require(DrawnCharacters is 0 or (>= 2 and <= 10_000), nameof(DrawnCharacters), "none, or 2 to 10,000", DrawnCharacters);
        Require(DrawnShare is >= 0 and <= 1, nameof(DrawnShare), "0 to 1", DrawnShare);
        Require(
            Masked.Count > 0 && Masked.All(share => share is >= 0 and < 1),
            nameof(Masked),
            "shares of at least 0 and less than 1",
            string.Join(", ", Masked)
        );
        Require(ReportEvery > 0, nameof(ReportEvery), "at least 1", ReportEvery);
        Require(
            CheckpointEvery > 0 && CheckpointEvery % ReportEvery == 0,
            nameof(CheckpointEvery),
            $"a multiple of {ReportEvery}",
            CheckpointEvery
        );
        Augmentation.Validate();
        Require(Temperature is null or > 0, nameof(Temperature), "more than 0", Temperature ?? 0);
        return this;
    }

    private static void Require(bool holds, string name, string expected, object came)
    {
        if (!holds) throw new ArgumentException($"{name}: expected {expected}, got {came}.", name);
    }
}
