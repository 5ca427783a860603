using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>The meta-LoRAs on this server.</summary>
/// <param name="Active">The id of the one that answers when a request asks for none in particular; "none" for the bare model.</param>
/// <param name="MetaLoras">All of them, by id.</param>
public sealed record MetaLorasResponse(string Active, IReadOnlyList<MetaLoraResponse> MetaLoras);

/// <summary>One meta-LoRA.</summary>
/// <param name="Id">The name of its folder; what a request and an answer call it.</param>
/// <param name="Status">"ready", or "unusable" for one that is damaged or was made for another model.</param>
/// <param name="Active">Whether it is the active one.</param>
/// <param name="Loaded">Whether it is merged and in memory, so that an answer does not wait for it.</param>
/// <param name="Family">The adapter's family, such as "lora"; null unless it is ready.</param>
/// <param name="Rank">The largest rank of its layers; null unless it is ready.</param>
/// <param name="Targets">The layers of each block that it changes, among q, k, v, out, fc1, fc2.</param>
/// <param name="Parameters">How many numbers were trained; null unless it is ready.</param>
/// <param name="Revision">SHA-256 over its files: equal revisions give equal answers; null unless it is ready.</param>
/// <param name="Bytes">What its files take.</param>
/// <param name="Written">When its files were last written.</param>
/// <param name="Problem">Why it cannot be used; null when it is ready.</param>
/// <param name="Run">How it was made: the single values and settings of its run.json; null without one.</param>
/// <param name="Calibration">"fitted" where it has a calibration of its own, "support-set" where it has none, so that probabilities are calibrated by the support images of a request, and only where there are two of each class; null unless it and the model are ready.</param>
/// <param name="CalibrationProblem">Why the calibration beside it is passed over; null where nothing is wrong.</param>
public sealed record MetaLoraResponse(
    string Id, string Status, bool Active, bool Loaded, string? Family, long? Rank, IReadOnlyList<string> Targets, long? Parameters,
    string? Revision, long Bytes, DateTimeOffset Written, string? Problem, IReadOnlyDictionary<string, JsonElement>? Run,
    string? Calibration, string? CalibrationProblem);

/// <summary>The meta-LoRA that answers when a request asks for none in particular.</summary>
/// <param name="Id">Its id; "none" for the bare model.</param>
/// <param name="Revision">SHA-256 over its files; null for the bare model.</param>
public sealed record ActiveMetaLoraResponse(string Id, string? Revision);

/// <summary>Which meta-LoRA shall be the active one.</summary>
public sealed class ActivateMetaLoraRequest
{
    /// <summary>Its id, or "none" for the bare model.</summary>
    [Required, MinLength(1)]
    public required string Id { get; init; }
}
