namespace LoraRecycle.Core.Adapters.Algebra.Analysis;

/// <summary>
/// The effective rank of Roy and Vetterli (EUSIPCO 2007): exp(H) with H = - sum p_i ln p_i and p_i = s_i / sum s. It is r
/// for r equal singular values, and nearer to 1 the more one of them outweighs the others.
/// </summary>
public static class EffectiveRank
{
    /// <param name="singularValues">None negative, in any order.</param>
    /// <returns>From 1 to their number; 0 where all of them are zero.</returns>
    public static double Of(IReadOnlyList<double> singularValues)
    {
        var sum = singularValues.Sum();
        return sum == 0 ? 0 : Math.Exp(-singularValues.Where(value => value > 0).Sum(value => value / sum * Math.Log(value / sum)));
    }
}
