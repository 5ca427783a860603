namespace LoraRecycle.Client.Contracts;

/// <summary>Which meta-LoRA to make active.</summary>
/// <param name="Id">Its id, or "none" for the bare model.</param>
internal sealed record ActivateMetaLoraRequest(string Id);
