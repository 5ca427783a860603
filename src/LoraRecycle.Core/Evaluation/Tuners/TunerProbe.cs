using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>What tuners are compared on: the same tasks, each tuned by every method with a learning rate of its own.</summary>
public sealed record TunerProbe
{
    /// <summary>Tasks that are measured.</summary>
    public int Tasks { get; init; } = 12;

    /// <summary>Classes of a task.</summary>
    public int Ways { get; init; } = 5;

    /// <summary>Images of each class that are tuned on; null for all that are not held out.</summary>
    public int? Shots { get; init; }

    /// <summary>The learning rates that a method chooses from, by the held-out accuracy of tasks of other classes; none for that of the
    /// settings.</summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [];

    /// <summary>Tasks that a learning rate is chosen on.</summary>
    public int ChoosingTasks { get; init; } = 3;

    /// <summary>Episodes, of classes that a task does not have, that tell what its LoRA forgot.</summary>
    public int ForgettingEpisodes { get; init; } = 30;

    /// <summary>Few-shot episodes, each answered by a LoRA that is tuned on its support set (of <see cref="Shots"/>, or 5 images a class);
    /// 0 for none.</summary>
    public int Episodes { get; init; }

    /// <summary>The steps at which the loss is told.</summary>
    public IReadOnlyList<int> LossSteps { get; init; } = [10, 25, 50, 200];

    public long Seed { get; init; }

    /// <summary>What every method sets its parts on.</summary>
    public TuningSettings Settings { get; init; } = new() { Steps = 200 };
}
