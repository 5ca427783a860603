using LoraRecycle.Core.Evaluation.Methods.Harness;

namespace LoraRecycle.Core.Evaluation.Methods.Frozen;

/// <summary>
/// Nearest prototypes without any tuning on the task: of the bare model (NN), of the LoRAs' average or sum, or of the
/// model with a meta-LoRA (the paper's own method at test time).
/// </summary>
public sealed class NearestPrototype(FrozenModelChoice model) : IFewShotMethod
{
    public string Name => model.Name;

    public string Title => model.Title;

    public DataUse Uses => model.Uses;

    public IReadOnlyDictionary<string, string> Settings => model.Settings;

    public IFewShotLearner Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation) =>
        new NearestPrototypeLearner(model.Prepare(bench, progress, cancellation));
}
