using System.Text.Json;

namespace LoraRecycle.Service.Features.Recycling.Requests;

/// <summary>What to recycle, how, and what to do with the result.</summary>
public sealed class RecycleRequest
{
    /// <summary>The ids of the LoRAs. Expected are these or <c>filter</c>.</summary>
    public IReadOnlyList<string>? Loras { get; init; }

    /// <summary>Which LoRAs of the market.</summary>
    public LoraFilter? Filter { get; init; }

    /// <summary>The id that the meta-LoRA gets; without one it is made of the job's.</summary>
    public string? Name { get; init; }

    /// <summary>The seed of both stages, 0 unless they say otherwise themselves.</summary>
    public int Seed { get; init; }

    /// <summary>How LoRAs are inverted: any of iterations, imagesPerClass, learningRate, beta1, beta2, priorWeight, pruning, pruningStart, jitter, flipProbability, canvas, diversityWeight, mixedLabels, seed, reportEvery, checkpointEvery.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Inversion { get; init; }

    /// <summary>How the meta-LoRA is trained: any of iterations, episodesPerStep, shots, queries, rank, alpha, targets, peakLearningRate, floorLearningRate, warmUp, decay, interpolationShare, interpolationWays, mergesNames, opinionShare, masked, metaLearning, augmentation, temperature, start, startWeight, seed, reportEvery, checkpointEvery.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Distillation { get; init; }

    /// <summary>Most LoRAs inverted in one batch, 1 to 64.</summary>
    public int? Together { get; init; }

    /// <summary>How many LoRAs must be left when those whose inversion diverges are set aside; 1 unless it is given.</summary>
    public int? MinimumLoras { get; init; }

    /// <summary>"never", "always", or "ifBetter" than the active one on the validation set.</summary>
    public string? Activate { get; init; }

    /// <summary>What the result is evaluated on.</summary>
    public ValidationRequest? Validation { get; init; }
}

/// <summary>LoRAs of the market that have all of this.</summary>
public sealed class LoraFilter
{
    /// <summary>A pattern of the name, in which * stands for any characters and ? for one.</summary>
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

    /// <summary>"train", "val", "test" or "all"; "val" where the server has a split of the data set, else "all".</summary>
    public string? Part { get; init; }

    /// <summary>Classes of an episode; 5.</summary>
    public int? Ways { get; init; }

    /// <summary>Support images a class; 1.</summary>
    public int? Shots { get; init; }

    /// <summary>Query images a class; 15.</summary>
    public int? Queries { get; init; }

    /// <summary>How many episodes; 200.</summary>
    public int? Episodes { get; init; }

    /// <summary>Which episodes; 0.</summary>
    public long? Seed { get; init; }
}
