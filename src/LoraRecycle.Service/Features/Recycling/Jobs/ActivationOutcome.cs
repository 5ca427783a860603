namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>Whether the result of a job became the active meta-LoRA, and why.</summary>
/// <param name="Activated">Whether it did.</param>
/// <param name="Reason">In words.</param>
public sealed record ActivationOutcome(bool Activated, string Reason);
