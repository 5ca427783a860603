using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Vision.Loading;

namespace LoraRecycle.Core.Evaluation.Calibration;

/// <summary>Fits a model's calibration on seeded episodes of several shapes, of classes that nothing is measured on.</summary>
public static class CalibrationFitter
{
    /// <summary>Episodes of each shape, unless told otherwise.</summary>
    public const int UsualEpisodes = 60;

    private const int MostQueries = 15;

    private static readonly (int Ways, int Shots)[] Shapes =
    [
        (2, 1),
        (5, 1),
        (10, 1),
        (20, 1),
        (5, 2),
        (20, 2),
        (5, 5),
        (20, 5),
        (5, 10),
        (10, 10),
    ];

    /// <param name="model">The model with its adapter, whose embeddings the sources hold.</param>
    /// <param name="sources">At least one.</param>
    /// <param name="episodes">Of each shape and source.</param>
    /// <param name="seed">Of the episodes.</param>
    /// <param name="cancellation">Checked before each shape.</param>
    /// <exception cref="CalibrationException">No episode can be made of the classes.</exception>
    public static CalibrationFile Fit(
        EmbeddingModel model,
        IReadOnlyList<CalibrationImages> sources,
        int episodes = UsualEpisodes,
        long seed = 0,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sources);
        var (drawn, shapes) = (new List<CalibrationEpisode>(), new List<string>());
        foreach (var source in sources)
            foreach (
                var shape in Shapes.Select(shape => Fitting(source.Classes, shape.Ways, shape.Shots)).OfType<EpisodeShape>().Distinct()
            )
            {
                cancellation.ThrowIfCancellationRequested();
                var (sampler, made) = (new EpisodeSampler(source.Classes, shape, seed), new CalibrationEpisode?[episodes]);
                Parallel.For(
                    0,
                    episodes,
                    number => made[number] = CalibrationEpisode.Of(source.Classes, sampler.Draw(number), source.Embeddings, source.Weight)
                );
                drawn.AddRange(made.OfType<CalibrationEpisode>());
                shapes.Add($"{shape.Ways}-way {shape.Shots}-shot");
            }
        if (drawn.Count == 0)
            throw new CalibrationException(
                "Expected classes for episodes of at least 2 classes with 2 images each, not all alike; these classes give no such "
                    + "episode. Give more images."
            );
        var coefficients = CoefficientFit.Of(drawn);
        var calibration = TemperatureCalibration.Fitted(coefficients);
        return new CalibrationFile
        {
            Version = CalibrationFile.CurrentVersion,
            Form = CalibrationFile.CurrentForm,
            Model = model.Id,
            ModelRevision = model.FoundationRevision,
            AdapterRevision = model.AdapterRevision,
            Coefficients = coefficients,
            FittedOn = new CalibrationOrigin(
                [.. sources.Select(source => source.Name)],
                [.. sources.Select(source => source.Classes.Count)],
                [.. shapes.Distinct()],
                episodes,
                seed,
                Error(drawn, _ => EpisodeTemperature.None),
                Error(drawn, calibration.Of)
            ),
        };
    }

    /// <summary>The shape, with as many ways and queries as the classes have for it; null where they have too few.</summary>
    private static EpisodeShape? Fitting(IReadOnlyList<ImageClass> classes, int ways, int shots)
    {
        var queries = Math.Min(MostQueries, classes.Min(one => one.Images.Count) - shots);
        return Math.Min(ways, classes.Count) is >= 2 and var most && queries >= 1 ? new EpisodeShape(most, shots, queries) : null;
    }

    /// <summary>The expected calibration error over all episodes together.</summary>
    private static double Error(List<CalibrationEpisode> episodes, Func<SupportSet, EpisodeTemperature> temperature)
    {
        var bins = new ReliabilityBins[episodes.Count];
        Parallel.For(0, bins.Length, i => bins[i] = episodes[i].Reliability(temperature(episodes[i].Support)));
        var all = new ReliabilityBins();
        foreach (var some in bins)
            all.Add(some);
        return all.ExpectedError;
    }
}
