using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>The meta-LoRAs on this server.</summary>
/// <param name="Active">The id of the active one, which answers requests that name none; "none" for the bare model.</param>
/// <param name="MetaLoras">All meta-LoRAs, by id.</param>
public sealed record MetaLorasResponse(string Active, IReadOnlyList<MetaLoraResponse> MetaLoras);

/// <summary>One meta-LoRA.</summary>
/// <param name="Id">The name of its folder, used as its id in requests and answers.</param>
/// <param name="Status">"ready", or "unusable" when it is damaged or was made for another model.</param>
/// <param name="Active">Whether it is the active one.</param>
/// <param name="Loaded">Whether it is merged and in memory, so that requests need not wait for it.</param>
/// <param name="Shipped">Whether it comes with the server, in a folder that is read-only, and cannot be deleted; false for one that a job
/// made.</param>
/// <param name="Family">The adapter's family, such as "lora"; null unless it is ready.</param>
/// <param name="Rank">The largest rank of its layers; null unless it is ready.</param>
/// <param name="Targets">The layers it changes in each block, among q, k, v, out, fc1, fc2.</param>
/// <param name="Parameters">The number of trained parameters; null unless it is ready.</param>
/// <param name="Revision">SHA-256 over its files: equal revisions give equal answers; null unless it is ready.</param>
/// <param name="Bytes">The size of its files.</param>
/// <param name="Written">When its files were last written.</param>
/// <param name="Problem">Why it cannot be used; null when it is ready.</param>
/// <param name="Run">How it was made: the single values and settings of its run.json; null without one.</param>
/// <param name="Calibration">"fitted" when it has its own calibration; "support-set" when it has none: the support images of a request
/// then calibrate the probabilities, given two of each class. Null unless it and the model are ready.</param>
/// <param name="CalibrationProblem">Why its calibration is ignored; null when nothing is wrong.</param>
public sealed record MetaLoraResponse(
    string Id, string Status, bool Active, bool Loaded, bool Shipped, string? Family, long? Rank, IReadOnlyList<string> Targets,
    long? Parameters, string? Revision, long Bytes, DateTimeOffset Written, string? Problem, IReadOnlyDictionary<string, JsonElement>? Run,
    string? Calibration, string? CalibrationProblem);

/// <summary>The active meta-LoRA, which answers requests that name none.</summary>
/// <param name="Id">Its id; "none" for the bare model.</param>
/// <param name="Revision">SHA-256 over its files; null for the bare model.</param>
public sealed record ActiveMetaLoraResponse(string Id, string? Revision);

/// <summary>Which meta-LoRA to make active.</summary>
public sealed class ActivateMetaLoraRequest
{
    /// <summary>Its id, or "none" for the bare model.</summary>
    [Required, MinLength(1)]
    public required string Id { get; init; }
}
