namespace LoraRecycle.Core.Evaluation.Verification;

/// <summary>How far one output, computed in one way, is from what was expected.</summary>
/// <param name="Way">model, side branch, merged, or as served.</param>
/// <param name="Output">The output's name, such as image_embeds.</param>
/// <param name="RelativeError">max |a - b| / max |b|.</param>
public sealed record VerifiedOutput(string Way, string Output, double RelativeError)
{
    /// <summary>Largest relative error that float32 arithmetic in another order explains.</summary>
    public const double Tolerance = 1e-4;

    public bool Passes => RelativeError <= Tolerance;
}
