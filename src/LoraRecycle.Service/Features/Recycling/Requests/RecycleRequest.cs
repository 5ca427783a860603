using System.Text.Json;

namespace LoraRecycle.Service.Features.Recycling.Requests;

/// <summary>What to recycle, how, and what to do with the result.</summary>
public sealed class RecycleRequest
{
    /// <summary>The ids of the LoRAs. Give either these or <c>filter</c>.</summary>
    public IReadOnlyList<string>? Loras { get; init; }

    /// <summary>Selects LoRAs from the market.</summary>
    public LoraFilter? Filter { get; init; }

    /// <summary>The id of the resulting meta-LoRA; by default, derived from the job's id.</summary>
    public string? Name { get; init; }

    /// <summary>The seed of both stages, 0 by default; a stage's own seed takes precedence.</summary>
    public int Seed { get; init; }

    /// <summary>How LoRAs are inverted: any of iterations, imagesPerClass, learningRate, beta1, beta2, priorWeight, pruning, pruningStart,
    /// jitter, flipProbability, canvas, diversityWeight, mixedLabels, seed, reportEvery, checkpointEvery.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Inversion { get; init; }

    /// <summary>How the meta-LoRA is trained: any of iterations, episodesPerStep, shots, queries, rank, alpha, targets, peakLearningRate,
    /// floorLearningRate, warmUp, decay, interpolationShare, interpolationWays, mergesNames, opinionShare, drawnCharacters, drawnShare,
    /// masked, metaLearning, augmentation, temperature, start, startWeight, seed, reportEvery, checkpointEvery.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Distillation { get; init; }

    /// <summary>The most LoRAs to invert in one batch, 1 to 64.</summary>
    public int? Together { get; init; }

    /// <summary>How many LoRAs must remain after those whose inversion diverges are set aside; 1 by default.</summary>
    public int? MinimumLoras { get; init; }

    /// <summary>Whether to activate the result: "never", "always", or "ifBetter" (than the active one, on the validation set).</summary>
    public string? Activate { get; init; }

    /// <summary>The episodes on which to evaluate the result.</summary>
    public ValidationRequest? Validation { get; init; }
}

/// <summary>Selects the LoRAs that meet every condition.</summary>
public sealed class LoraFilter
{
    /// <summary>A pattern for the name: * matches any characters, ? matches one.</summary>
    public string? Name { get; init; }

    /// <summary>The adapter's family, such as "lora".</summary>
    public string? Family { get; init; }

    /// <summary>The largest rank of its layers.</summary>
    public long? Rank { get; init; }

    /// <summary>"uploaded" or "shipped".</summary>
    public string? Origin { get; init; }
}

/// <summary>Episodes of a data set on the server.</summary>
public sealed class ValidationRequest
{
    /// <summary>The name of one of the server's data sets.</summary>
    public required string DataSet { get; init; }

    /// <summary>"train", "val", "test" or "all"; by default "val" when the server has a split of the data set, else "all".</summary>
    public string? Part { get; init; }

    /// <summary>Classes per episode; 5 by default.</summary>
    public int? Ways { get; init; }

    /// <summary>Support images per class; 1 by default.</summary>
    public int? Shots { get; init; }

    /// <summary>Query images per class; 15 by default.</summary>
    public int? Queries { get; init; }

    /// <summary>The number of episodes; 200 by default.</summary>
    public int? Episodes { get; init; }

    /// <summary>The seed that selects the episodes; 0 by default.</summary>
    public long? Seed { get; init; }
}
