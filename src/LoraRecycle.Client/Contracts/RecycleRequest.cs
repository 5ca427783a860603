using System.Text.Json.Nodes;

namespace LoraRecycle.Client.Contracts;

/// <summary>What to recycle, how, and what to do with the result. Give either <see cref="Loras"/> or <see cref="Filter"/>; what is null is
/// left to the service.</summary>
public sealed record RecycleRequest
{
    /// <summary>The ids of the LoRAs.</summary>
    public IReadOnlyList<string>? Loras { get; init; }

    /// <summary>Selects LoRAs from the market.</summary>
    public LoraFilter? Filter { get; init; }

    /// <summary>The id of the resulting meta-LoRA; by default, derived from the job's id.</summary>
    public string? Name { get; init; }

    /// <summary>The seed of both stages; a stage's own seed takes precedence.</summary>
    public int Seed { get; init; }

    /// <summary>How LoRAs are inverted, by the names of the settings: <c>new() { ["iterations"] = 400, ["imagesPerClass"] = 10 }</c>.
    /// </summary>
    public JsonObject? Inversion { get; init; }

    /// <summary>How the meta-LoRA is trained, by the names of the settings: <c>new() { ["iterations"] = 200, ["rank"] = 8 }</c>.</summary>
    public JsonObject? Distillation { get; init; }

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
public sealed record LoraFilter
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

/// <summary>Episodes of a data set on the service.</summary>
public sealed record ValidationRequest
{
    /// <summary>The name of one of the service's data sets.</summary>
    public required string DataSet { get; init; }

    /// <summary>"train", "val", "test" or "all"; by default "val" when the service has a split of the data set, else "all".</summary>
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
