using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using LoraRecycle.Core.Adapters;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>
/// How a LoRA and its head are tuned. The defaults are the paper's: rank 4 on q and v, Adam at 1e-3. The sections are the parts in which
/// published tuners differ; as they are by default, what is tuned is plain LoRA.
/// </summary>
public sealed record TuningSettings
{
    /// <summary>The published method that the sections were first set by, such as <c>lora-pro</c>.</summary>
    public string Method { get; init; } = "lora";

    /// <summary>What the LoRA learns from.</summary>
    public Objective Objective { get; init; } = Objective.Head;

    /// <summary>What a layer is while it is tuned.</summary>
    public FormSettings Form { get; init; } = new();

    /// <summary>Where the loss's gradient is taken.</summary>
    public GradientSettings Gradient { get; init; } = new();

    /// <summary>From gradients to new values.</summary>
    public UpdateSettings Update { get; init; } = new();

    /// <summary>Terms beside the objective.</summary>
    public PenaltySettings Penalty { get; init; } = new();

    /// <summary>What a step sees of its images.</summary>
    public ViewSettings Views { get; init; } = new();

    /// <summary>Which layers, blocks or heads are tuned.</summary>
    public ChoiceSettings Choice { get; init; } = new();

    /// <summary>Rank of every adapted layer's factors.</summary>
    public int Rank { get; init; } = 4;

    /// <summary>The factor before B A is alpha / rank; without it, 1.</summary>
    public double? Alpha { get; init; }

    /// <summary>Which layers of every block are adapted: q, k, v, out, fc1, fc2.</summary>
    public IReadOnlyList<string> Targets { get; init; } = ["q", "v"];

    public bool HasHeadBias { get; init; } = true;

    /// <summary>How many batches are learnt from.</summary>
    public int Steps { get; init; } = 300;

    /// <summary>Images a batch; fewer where there are fewer.</summary>
    public int BatchSize { get; init; } = 50;

    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The head's own, where it is to be another.</summary>
    public double? HeadLearningRate { get; init; }

    /// <summary>Whether an image is mirrored with probability 1/2 each time it is seen.</summary>
    public bool Flips { get; init; } = true;

    /// <summary>Decides the start, the batches and the flips.</summary>
    public long Seed { get; init; }

    /// <summary>The factor before B A.</summary>
    [JsonIgnore]
    public double Scale => (Alpha ?? Rank) / Rank;

    /// <summary>The layers of a model that these settings adapt, in the model's order.</summary>
    /// <exception cref="TuningException">A setting is out of range, or names no layer of the model.</exception>
    public IReadOnlyList<AdaptableLayer> LayersOf(IReadOnlyList<AdaptableLayer> model)
    {
        Require(Rank >= 1, "a rank of at least 1", Rank);
        Require(Scale is > 0 and < double.PositiveInfinity, "a positive alpha", Alpha ?? 0);
        Require(Steps >= 1, "at least 1 step", Steps);
        Require(BatchSize >= 2, "at least 2 images per batch", BatchSize);
        Require(LearningRate is > 0 and < double.PositiveInfinity, "a positive learning rate", LearningRate);
        Require(HeadLearningRate is null or (> 0 and < double.PositiveInfinity), "a positive learning rate of the head",
            HeadLearningRate ?? 0);
        if (Views.Mixup && (Objective == Objective.Prototypes || Penalty.Contrast > 0))
            throw new TuningException("Expected an objective of the head, and no contrast, for images that are mixed; those need one class "
                + "an image.");
        if (Targets.Count == 0)
            throw new TuningException("Expected at least one target layer such as q, v; got none.") { Setting = nameof(Targets) };
        var known = model.Select(layer => layer.Part).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        if (Targets.FirstOrDefault(target => !known.Contains(target, StringComparer.Ordinal)) is { } unknown)
            throw new TuningException($"Expected target layers among {string.Join(", ", known)}; got '{unknown}'.")
            {
                Setting = nameof(Targets),
            };
        if (Form.Kind == LoraForm.Heads && Targets.FirstOrDefault(target => target != "out") is { } beside)
            throw new TuningException($"Expected target out, which attention heads go into, for form {LoraForm.Heads}; got '{beside}'.")
            {
                Setting = nameof(Targets),
            };
        AdaptableLayer[] chosen = [.. model.Where(layer => layer.Part is { } part && Targets.Contains(part, StringComparer.Ordinal))];
        var narrowest = chosen.Min(layer => Math.Min(layer.InFeatures, layer.OutFeatures));
        Require(Rank <= narrowest, $"a rank of at most {narrowest}, the width of the narrowest target layer", Rank);
        TuningException.In(nameof(Form), () => Form.Validate(Rank, narrowest));
        TuningException.In(nameof(Gradient), () => Gradient.Validate(Form.Kind));
        TuningException.In(nameof(Update), () => Update.Validate(Form.Kind));
        TuningException.In(nameof(Penalty), Penalty.Validate);
        TuningException.In(nameof(Views), Views.Validate);
        TuningException.In(nameof(Choice), () => Choice.Validate(Form.Kind));
        return chosen;
    }

    /// <exception cref="TuningException">A class has too few images to be tuned on.</exception>
    public void RequireImages(string label, int images)
    {
        if (images < Choice.LeastImages)
            throw new TuningException(
                $"Expected at least {Choice.LeastImages} images of each class for a search, which learns from one half and judges by the "
                    + $"other; got {images} of '{label}'.")
            {
                Setting = $"{nameof(Choice)}.{nameof(Choice.By)}",
            };
    }

    private static void Require(
        bool holds, string expectation, double got, [CallerArgumentExpression(nameof(got))] string setting = "") =>
        TuningException.Require(holds, expectation, got, setting);
}
