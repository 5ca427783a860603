using System.Text.Json;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>One meta-LoRA on disk, as it was when it was last looked at: validated in full, or known not to be usable.</summary>
/// <param name="Id">The name of its folder.</param>
/// <param name="IsShipped">Whether it is in the shipped folder, and not among those that jobs made.</param>
/// <param name="Bytes">What its files take.</param>
/// <param name="Written">When its files were last written.</param>
/// <param name="Facts">What it is; null for one that cannot be used.</param>
/// <param name="Problem">Why it cannot be used, in words fit for a client; null for one that can.</param>
/// <param name="IsForAnotherModel">Whether it cannot be used, and says that it was made for another model than the one that serves.</param>
internal sealed record MetaLora(
    string Id, bool IsShipped, long Bytes, DateTimeOffset Written, MetaLoraFacts? Facts, string? Problem = null,
    bool IsForAnotherModel = false);

/// <summary>What a meta-LoRA is.</summary>
/// <param name="Adapter">What is merged into a model to answer with it.</param>
/// <param name="Family">The adapter's family: <c>lora</c>.</param>
/// <param name="Rank">The largest of its layers'; null for a family that has no rank.</param>
/// <param name="Targets">The layers of a block that it changes: <c>q</c>, <c>v</c>.</param>
/// <param name="Parameters">How many numbers were trained.</param>
/// <param name="Run">How it was made: what <c>run.json</c> says in single values and settings; null without that file.</param>
internal sealed record MetaLoraFacts(
    ServedAdapter Adapter,
    string Family,
    long? Rank,
    IReadOnlyList<string> Targets,
    long Parameters,
    IReadOnlyDictionary<string, JsonElement>? Run
);
