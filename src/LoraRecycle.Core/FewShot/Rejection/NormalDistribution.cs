namespace LoraRecycle.Core.FewShot.Rejection;

/// <summary>The standard normal distribution.</summary>
internal static class NormalDistribution
{
    /// <summary>The value that a share of the distribution lies below, by bisection of <see cref="Below"/>.</summary>
    /// <param name="share">Above 0 and below 1.</param>
    public static double Quantile(double share)
    {
        var (low, high) = (-10.0, 10.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (Below(middle) < share)
                low = middle;
            else
                high = middle;
        }
        return (low + high) / 2;
    }

    /// <summary>The share of the distribution below a value, by the series of the error function (Marsaglia, 2004).</summary>
    public static double Below(double value)
    {
        if (Math.Abs(value) > 8)
            return value > 0 ? 1 : 0;
        var (sum, term) = (value, value);
        for (var i = 3; Math.Abs(term) > 1e-17; i += 2)
            sum += term *= value * value / i;
        return 0.5 + (sum * Math.Exp(-value * value / 2) / Math.Sqrt(2 * Math.PI));
    }
}
