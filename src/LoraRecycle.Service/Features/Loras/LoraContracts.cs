using LoraRecycle.Core.Adapters.Analysis;

namespace LoraRecycle.Service.Features.Loras;

/// <summary>The market of LoRAs on this server, or a part of it.</summary>
/// <param name="Loras">In the order in which they were added.</param>
/// <param name="Next">What <c>after</c> says to get the next part; null when there is none.</param>
public sealed record LorasResponse(IReadOnlyList<LoraResponse> Loras, string? Next);

/// <summary>One LoRA.</summary>
/// <param name="Id">SHA-256 over its files: the same LoRA always has the same id.</param>
/// <param name="Name">What it is called; null for no name.</param>
/// <param name="Origin">"uploaded", or "shipped" for one that comes with the server and cannot be deleted.</param>
/// <param name="Model">The model that it was checked against.</param>
/// <param name="Family">The adapter's family, such as "lora".</param>
/// <param name="Rank">The largest rank that its settings give a layer; null where the family has none.</param>
/// <param name="Targets">The layers of each block that it changes, among q, k, v, out, fc1, fc2.</param>
/// <param name="Parameters">How many numbers its layers have; null for a shipped one.</param>
/// <param name="ClassCount">How many classes its head tells apart; null without a head.</param>
/// <param name="Classes">Their names, in the head's order; empty where they are not known.</param>
/// <param name="Bytes">What its files take.</param>
/// <param name="Added">When it was uploaded, or tuned.</param>
/// <param name="InUse">Whether a job uses it, so that it cannot be deleted.</param>
public sealed record LoraResponse(
    string Id, string? Name, string Origin, string Model, string Family, long? Rank, IReadOnlyList<string> Targets, long? Parameters,
    long? ClassCount, IReadOnlyList<string> Classes, long Bytes, DateTimeOffset Added, bool InUse);

/// <summary>One LoRA, and what it does to the model's weights.</summary>
/// <param name="Lora">What it is.</param>
/// <param name="Spectrum">What it does to each layer; null for one that was made for another model than the one that serves.</param>
public sealed record LoraInspection(LoraResponse Lora, LoraSpectrum? Spectrum);

/// <summary>The singular values of a LoRA's deltas beside those of the base weights.</summary>
/// <param name="Directions">How many of each merged weight's largest singular directions were compared with the base's.</param>
/// <param name="IntruderCosine">A direction whose absolute cosine with every left singular vector of the base is below this is an intruder (arXiv 2410.21228).</param>
/// <param name="Layers">Each adapted layer, in the model's order.</param>
public sealed record LoraSpectrum(int Directions, double IntruderCosine, IReadOnlyList<LayerSpectrum> Layers);
