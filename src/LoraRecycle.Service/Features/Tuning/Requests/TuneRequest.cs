using System.Text.Json;
using LoraRecycle.Service.Features.Classification;

namespace LoraRecycle.Service.Features.Tuning.Requests;

/// <summary>A LoRA to tune. The server reads it as a stream; this type only describes the JSON form.</summary>
public sealed class TuneRequest
{
    /// <summary>The classes that the LoRA learns to tell apart, at least 2. Give either these or <c>task</c>.</summary>
    public IReadOnlyList<ClassifySupport>? Support { get; init; }

    /// <summary>The id of a stored task, whose images are copied; it needs a key with the scope tasks.</summary>
    public string? Task { get; init; }

    /// <summary>The LoRA's name in the market; by default, derived from the job's id.</summary>
    public string? Name { get; init; }

    /// <summary>A published way to tune, of those that <c>GET /tune/methods</c> lists; "lora" by default.</summary>
    public string? Method { get; init; }

    /// <summary>The share of each class's images that is kept from tuning and tested with, at least 0 and less than 1; 0.2 by default. A
    /// class of four images or fewer then keeps them all.</summary>
    public double? HeldOut { get; init; }

    /// <summary>Settings that count instead of the method's: any of steps, rank, alpha, targets, objective, batchSize, learningRate,
    /// headLearningRate, hasHeadBias, flips, seed, form, gradient, update, penalty, views and choice, as in the settings of a job.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement>? Options { get; init; }
}
