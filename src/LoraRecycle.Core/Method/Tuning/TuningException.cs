namespace LoraRecycle.Core.Method.Tuning;

/// <summary>Settings or a plan that nothing can be tuned with; found before any work starts.</summary>
public sealed class TuningException(string message) : Exception(message);
