using LoraRecycle.Core.FewShot.Calibration;

namespace LoraRecycle.Core.Evaluation.Calibration;

/// <summary>Fits coefficients to episodes: the least negative log-likelihood, with a little ridge, by Fisher's scoring.</summary>
internal static class CoefficientFit
{
    // Against features that the episodes hardly vary, and for a matrix that can always be solved.
    private const double Ridge = 1e-4;
    private const int MostSteps = 60;

    /// <returns>The coefficients of <see cref="EpisodeFeatures"/>.</returns>
    public static double[] Of(IReadOnlyList<CalibrationEpisode> episodes)
    {
        var count = TemperatureCalibration.Coefficients;
        var coefficients = new double[count];
        coefficients[0] = 2.5;
        var total = episodes.Sum(episode => episode.Weight * episode.Right.Length);
        var value = Evaluate(coefficients, out var gradient, out var matrix);
        for (var step = 0; step < MostSteps; step++)
        {
            var direction = Solve(matrix, gradient);
            // Halved until it is a step down: the curvature is that of Fisher, not the true one.
            var (size, better) = (1.0, value);
            double[] tried;
            do
            {
                tried = [.. coefficients.Zip(direction, (now, change) => now - (size * change))];
                better = Evaluate(tried, out gradient, out matrix);
                size /= 2;
            }
            while (better > value && size > 1e-6);
            if (value - better < 1e-10)
                return better < value ? tried : coefficients;
            (coefficients, value) = (tried, better);
        }
        return coefficients;

        double Evaluate(double[] at, out double[] slope, out double[,] curvature)
        {
            var losses = new SharpnessLoss[episodes.Count];
            Parallel.For(0, losses.Length, i => losses[i] = episodes[i].Loss(TemperatureCalibration.Sum(at, episodes[i].Features)));
            var loss = 0.0;
            (slope, curvature) = (new double[count], new double[count, count]);
            for (var i = 0; i < losses.Length; i++)
            {
                loss += losses[i].Value / total;
                var features = episodes[i].Features;
                for (var row = 0; row < count; row++)
                {
                    slope[row] += losses[i].Slope / total * features[row];
                    for (var column = 0; column < count; column++)
                        curvature[row, column] += losses[i].Curvature / total * features[row] * features[column];
                }
            }
            for (var row = 0; row < count; row++)
            {
                // Of the constant none: how sharp a model is at all is what there is most evidence of.
                var ridge = row == 0 ? 1e-9 : Ridge;
                loss += ridge * at[row] * at[row];
                slope[row] += 2 * ridge * at[row];
                curvature[row, row] += 2 * ridge;
            }
            return loss;
        }
    }

    /// <summary>Solves a symmetric positive system by Gauss's elimination.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        var count = right.Length;
        var (rows, solution) = ((double[,])matrix.Clone(), (double[])right.Clone());
        for (var pivot = 0; pivot < count; pivot++)
            for (var row = pivot + 1; row < count; row++)
            {
                var factor = rows[row, pivot] / rows[pivot, pivot];
                for (var column = pivot; column < count; column++)
                    rows[row, column] -= factor * rows[pivot, column];
                solution[row] -= factor * solution[pivot];
            }
        for (var row = count - 1; row >= 0; row--)
        {
            for (var column = row + 1; column < count; column++)
                solution[row] -= rows[row, column] * solution[column];
            solution[row] /= rows[row, row];
        }
        return solution;
    }
}
