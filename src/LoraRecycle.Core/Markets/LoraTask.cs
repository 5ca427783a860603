using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Markets;

/// <summary>One LoRA to be tuned.</summary>
/// <param name="Name">What it is called, and its folder in a market.</param>
/// <param name="Classes">The classes it learns to tell apart, in the order of its head.</param>
/// <param name="Settings">How it is tuned.</param>
public sealed record LoraTask(string Name, IReadOnlyList<string> Classes, TuningSettings Settings);
