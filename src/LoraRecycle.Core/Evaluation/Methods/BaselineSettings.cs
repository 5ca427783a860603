using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Methods.Tuned;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Evaluation.Methods;

/// <summary>How the methods of a comparison are tuned. Chosen once, on validation classes; the same for every data set.</summary>
public sealed record BaselineSettings
{
    /// <summary>Of the episodes, and of all that is drawn beside them.</summary>
    public long Seed { get; init; }

    /// <summary>The factors before the LoRAs' summed deltas, a row each.</summary>
    public IReadOnlyList<SumWeight> SumWeights { get; init; } = [new SumWeight(3, PerLora: true), new SumWeight(1, PerLora: false)];

    /// <summary>Linear heads over frozen embeddings.</summary>
    public AdamSteps Head { get; init; } = new(Steps: 100, LearningRate: 1e-2);

    /// <summary>A LoRA and a head on each support set.</summary>
    public AdamSteps Lora { get; init; } = new(Steps: 50, LearningRate: 1e-3) { HeadLearningRate = 1e-2 };

    /// <summary>Of the LoRAs that are tuned on support sets.</summary>
    public int Rank { get; init; } = 4;

    public IReadOnlyList<string> Targets { get; init; } = ["q", "v"];

    /// <summary>What the tuners of single episodes set their parts on: as many steps, and as fast, as <see cref="Lora"/>.</summary>
    internal TuningSettings Tuning => new()
    {
        Rank = Rank,
        Targets = Targets,
        Steps = Lora.Steps,
        LearningRate = Lora.LearningRate,
        HeadLearningRate = Lora.HeadLearningRate,
        Flips = false,
    };

    public AdamSteps Full { get; init; } = new(Steps: 20, LearningRate: 1e-5) { HeadLearningRate = 1e-2 };

    public AdamSteps Mole { get; init; } = new(Steps: 50, LearningRate: 1e-2) { HeadLearningRate = 1e-2 };

    /// <summary>How often LoRAHub computes an episode's loss.</summary>
    public int HubEvaluations { get; init; } = 40;

    /// <summary>The standard deviation of the first steps of LoRAHub's search.</summary>
    public double HubStepSize { get; init; } = 0.1;

    public RealEpisodes Pmf { get; init; } = new() { LearningRate = 1e-4 };

    /// <summary>P&gt;M&gt;F's tuning on each task; no steps for none.</summary>
    public AdamSteps PmfFineTuning { get; init; } = new(Steps: 0, LearningRate: 1e-5);

    /// <summary>The meta-LoRA of real data.</summary>
    public DistillationSettings RealMeta { get; init; } = new() { Iterations = 500, InterpolationShare = 1 };

    /// <param name="methods">Those that will be run.</param>
    /// <param name="trainClasses">What those that use real data are trained on.</param>
    /// <exception cref="DataSetException">The training classes cannot fill the episodes of meta-training.</exception>
    public void RequireFits(IReadOnlyList<string> methods, IReadOnlyList<ImageClass> trainClasses)
    {
        if (methods.Contains(Tuned.Pmf.MethodName, StringComparer.Ordinal)) Pmf.RequireFits(trainClasses);
        if (methods.Contains(RealMetaLora.Name, StringComparer.Ordinal)) RealMetaLora.RequireFits(trainClasses);
    }
}

/// <summary>A factor before a sum of LoRAs.</summary>
/// <param name="Value">The factor, or what is divided by the number of LoRAs.</param>
/// <param name="PerLora">Whether it is divided.</param>
public sealed record SumWeight(double Value, bool PerLora)
{
    public double For(int loras) => PerLora ? Value / loras : Value;

    public override string ToString() => AdamSteps.Text(Value) + (PerLora ? "/N" : "");
}
