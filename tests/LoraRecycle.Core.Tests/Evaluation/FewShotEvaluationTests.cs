using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Reports;
using LoraRecycle.Core.FewShot.Episodes;

namespace LoraRecycle.Core.Tests.Evaluation;

public class FewShotEvaluationTests
{
    private const int ImagesOfClass = 12;
    private static readonly EpisodeShape Shape = new(4, 2, 3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Well_separated_classes_are_recognised_without_error()
    {
        var evaluation = new FewShotEvaluation(Classes(8), Shape, 50, seed: 1);
        Assert.Equal(new AccuracyInterval(1, 0, 50), evaluation.Run(Embeddings(8, spread: 0.01, distance: 10), Cancellation));
    }

    [Fact]
    public void Embeddings_that_say_nothing_give_chance()
    {
        var result = new FewShotEvaluation(Classes(8), Shape, 400, seed: 1).Run(Embeddings(8, spread: 1, distance: 0), Cancellation);
        Assert.InRange(0.25, result.Mean - 2 * result.HalfWidth, result.Mean + 2 * result.HalfWidth);
    }

    [Fact]
    public void A_seed_fixes_the_result_to_the_last_bit()
    {
        var embeddings = Embeddings(8, spread: 1, distance: 1);
        var first = new FewShotEvaluation(Classes(8), Shape, 100, seed: 7).Run(embeddings, Cancellation);
        Assert.Equal(first, new FewShotEvaluation(Classes(8), Shape, 100, seed: 7).Run(embeddings, Cancellation));
        Assert.NotEqual(first.Mean, new FewShotEvaluation(Classes(8), Shape, 100, seed: 8).Run(embeddings, Cancellation).Mean);
    }

    [Fact]
    public void Only_the_images_it_names_are_needed()
    {
        var evaluation = new FewShotEvaluation(Classes(40), Shape, 2, seed: 3);
        var all = Embeddings(40, spread: 0.01, distance: 10);
        Assert.InRange(evaluation.Images.Count, 1, 2 * 4 * (2 + 3));
        Assert.Equal(1, evaluation.Run(all.Where(e => evaluation.Images.Contains(e.Key)).ToDictionary(), Cancellation).Mean);
    }

    [Fact]
    public void Cancelling_stops_it()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            new FewShotEvaluation(Classes(8), Shape, 50, seed: 1).Run(Embeddings(8, 0.01, 10), source.Token));
    }

    [Fact]
    public void No_episode_is_no_evaluation() =>
        Assert.Throws<DataSetException>(() => new FewShotEvaluation(Classes(8), Shape, 0, seed: 1));

    private static ImageClass[] Classes(int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(c => new ImageClass($"c{c}", [.. Enumerable.Range(0, ImagesOfClass).Select(i => $"c{c}/{i}.png")])),
        ];

    /// <summary>Class <c>c</c> lies around <c>distance</c> times the unit vector of axis <c>c</c>.</summary>
    private static Dictionary<string, float[]> Embeddings(int classes, double spread, double distance)
    {
        var random = new Random(2024);
        return Classes(classes).SelectMany((c, index) => c.Images.Select(image =>
            KeyValuePair.Create(image, Enumerable.Range(0, classes)
                .Select(axis => (float)((axis == index ? distance : 0) + spread * (random.NextDouble() - 0.5))).ToArray()))).ToDictionary();
    }
}
