using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Reports;
using LoraRecycle.Core.FewShot.Episodes;

namespace LoraRecycle.Core.Tests.Evaluation;

public sealed class RejectionEvaluationTests
{
    private static readonly ImageClass[] Classes =
    [
        .. Enumerable.Range(0, 8).Select(c => new ImageClass($"c{c}", [.. Enumerable.Range(0, 6).Select(i => $"c{c}/{i}")])),
    ];

    /// <summary>Classes on the corners of a simplex, with a spread about them.</summary>
    private static Dictionary<string, float[]> Embeddings(double spread)
    {
        var random = new Random(5);
        return Classes.SelectMany((one, place) => one.Images.Select(image =>
        {
            var embedding = Enumerable.Range(0, 16).Select(_ => (float)(spread * (random.NextDouble() - 0.5))).ToArray();
            embedding[place] += 1;
            return (image, embedding);
        })).ToDictionary(pair => pair.image, pair => pair.embedding);
    }

    [Fact]
    public void Classes_that_are_far_apart_are_told_from_unknown_ones_without_error()
    {
        var result = new RejectionEvaluation(Classes, new EpisodeShape(3, 3, 2), 20, seed: 1).Run(
            Embeddings(0.2),
            0.05,
            TestContext.Current.CancellationToken
        );

        Assert.Equal(1, result.Auroc);
        Assert.Equal(0, result.FalseAcceptances);
        Assert.Equal((3, 3, 2, 20, 0.05), (result.Ways, result.Shots, result.Queries, result.Episodes, result.Target));
    }

    [Fact]
    public void Embeddings_that_know_no_classes_tell_nothing()
    {
        var random = new Random(6);
        var noise = Classes
            .SelectMany(one => one.Images)
            .ToDictionary(image => image, _ => Enumerable.Range(0, 16).Select(_ => (float)random.NextDouble()).ToArray());
        var result = new RejectionEvaluation(Classes, new EpisodeShape(3, 3, 3), 300, seed: 1).Run(
            noise,
            0.05,
            TestContext.Current.CancellationToken
        );

        Assert.InRange(result.Auroc, 0.45, 0.55);
    }

    [Fact]
    public void The_same_seed_gives_the_same_figures_and_uses_the_images_that_it_names()
    {
        var evaluation = new RejectionEvaluation(Classes, new EpisodeShape(2, 1, 2), 10, seed: 7);
        var embeddings = Embeddings(1.5).Where(pair => evaluation.Images.Contains(pair.Key)).ToDictionary();

        Assert.Equal(
            evaluation.Run(embeddings, 0.1, TestContext.Current.CancellationToken),
            new RejectionEvaluation(Classes, new EpisodeShape(2, 1, 2), 10, seed: 7).Run(
                embeddings,
                0.1,
                TestContext.Current.CancellationToken
            )
        );
    }

    [Fact]
    public void There_must_be_as_many_unknown_classes_as_known_ones() =>
        Assert.Throws<DataSetException>(() => new RejectionEvaluation(Classes, new EpisodeShape(5, 1, 1), 10, seed: 1));

    [Fact]
    public void The_area_is_the_share_of_pairs_that_are_in_order()
    {
        Assert.Equal(1, RejectionEvaluation.Auroc([1, 2], [3, 4]));
        Assert.Equal(0, RejectionEvaluation.Auroc([3, 4], [1, 2]));
        Assert.Equal(0.625, RejectionEvaluation.Auroc([1, 3], [3, 2]));
    }
}
