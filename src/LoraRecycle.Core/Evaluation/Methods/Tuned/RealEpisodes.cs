using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Tuned;

/// <summary>
/// Meta-training on real labelled images of the training classes (Snell et al. 2017): prototypes of a support set must
/// tell its queries. What it reaches is an upper bound for methods that see no data.
/// </summary>
public sealed record RealEpisodes
{
    public int Steps { get; init; } = 500;

    /// <summary>Episodes whose losses are averaged in one step.</summary>
    public int EpisodesPerStep { get; init; } = 4;

    public int Ways { get; init; } = 5;

    /// <summary>Shots a class; steps take turns.</summary>
    public IReadOnlyList<int> Shots { get; init; } = [1, 5];

    /// <summary>Queries a class.</summary>
    public int Queries { get; init; } = 10;

    /// <summary>Adam's, after a tenth of the steps of linear warm-up; a cosine brings it to zero.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Whether an image is mirrored with probability 1/2 each time it is seen.</summary>
    public bool Flips { get; init; } = true;

    internal IEnumerable<KeyValuePair<string, string>> Described =>
        [
            new("optimiser", "Adam, cosine"),
            new("steps", AdamSteps.Text(Steps)),
            new("episodesPerStep", AdamSteps.Text(EpisodesPerStep)),
            new("learningRate", AdamSteps.Text(LearningRate)),
            new("shots", string.Join(',', Shots)),
            new("queries", AdamSteps.Text(Queries)),
            new("flips", Flips ? "yes" : "no"),
        ];

    /// <exception cref="DataSetException">The training classes cannot fill these episodes.</exception>
    internal void RequireFits(IReadOnlyList<ImageClass> trainClasses)
    {
        foreach (var shots in Shots) _ = new EpisodeSampler(trainClasses, new EpisodeShape(Ways, shots, Queries), seed: 0);
    }

    /// <param name="bench">The images and the training classes.</param>
    /// <param name="seed">Of the episodes and the flips.</param>
    /// <param name="parameters">What is trained.</param>
    /// <param name="embed">[images, 3, height, width] to [images, embedding].</param>
    /// <param name="progress">Told now and then.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <exception cref="DataSetException">The training classes cannot fill the episodes.</exception>
    internal void Train(
        Bench bench,
        long seed,
        IEnumerable<Parameter> parameters,
        Func<Tensor, Tensor> embed,
        IProgress<string>? progress,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        var sets = Shots
            .Select(shots =>
                EpisodeSet.Draw(
                    bench.TrainClasses,
                    new EpisodeShape(Ways, shots, Queries),
                    (Steps + Shots.Count - 1) / Shots.Count * EpisodesPerStep,
                    seed,
                    bench.Images
                )
            )
            .ToArray();
        using var generator = new Generator((ulong)seed);
        using var optimiser = optim.Adam(parameters, LearningRate);
        for (var step = 0; step < Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            foreach (var group in optimiser.ParamGroups) group.LearningRate = RateAt(step);
            optimiser.zero_grad();
            Loss(sets[step % sets.Length].Part(step / sets.Length * EpisodesPerStep, EpisodesPerStep)).backward();
            optimiser.step();
            if (step % 25 == 0) progress?.Report($"meta-training on real images, step {step} of {Steps}");
        }

        Tensor Loss(EpisodeSet episodes)
        {
            var supports = episodes.Support.numel();
            var pixels = Mirrored(bench.Pixels(cat([episodes.Support.flatten(), episodes.Queries.flatten()])));
            var embeddings = embed(pixels);
            var logits = Prototypes.Logits(
                embeddings.narrow(0, 0, supports).view(episodes.Count, -1, embeddings.shape[1]),
                embeddings.narrow(0, supports, embeddings.shape[0] - supports).view(episodes.Count, -1, embeddings.shape[1]), Ways);
            return nn.functional.cross_entropy(logits.flatten(0, 1), episodes.QueryLabels.repeat(episodes.Count));
        }

        Tensor Mirrored(Tensor pixels) => Flips
            ? where(rand([pixels.shape[0], 1, 1, 1], generator: generator).lt(0.5).to(pixels.device), pixels.flip(3), pixels)
            : pixels;
    }

    private double RateAt(int step) =>
        LearningRate * Math.Min(1, (step + 1) / Math.Max(1, 0.1 * Steps)) * 0.5 * (1 + Math.Cos(Math.PI * step / Steps));
}
