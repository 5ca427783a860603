namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>Settings that cannot be tuned with.</summary>
public sealed class TuningException(string message) : Exception(message)
{
    /// <exception cref="TuningException">It does not hold.</exception>
    internal static void Require(bool holds, string expectation, double got)
    {
        if (!holds) throw new TuningException(FormattableString.Invariant($"Expected {expectation}; got {got}."));
    }
}
