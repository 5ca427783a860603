namespace LoraRecycle.Core.Method.Tuning;

/// <summary>A loss that is no number any more: what was being tuned is lost, whatever else is under way can go on.</summary>
public sealed class DivergenceException(int step, int steps, double loss)
    : Exception(
        FormattableString.Invariant(
            $"The loss became {loss} at step {step} of {steps}; lower the learning rate or alpha, or look for damaged images."
        )
    )
{
    /// <summary>The step at which it was seen, from 1.</summary>
    public int Step { get; } = step;

    public double Loss { get; } = loss;
}
