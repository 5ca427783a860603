using FsCheck;
using FsCheck.Fluent;
using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Classification;

namespace LoraRecycle.Core.Tests.FewShot;

/// <summary>What must hold for every episode, checked on random ones.</summary>
public sealed class PrototypeClassifierProperties
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithReplay(20250611, 1).WithMaxTest(200);

    /// <summary>An episode drawn from a seed: 2 to 12 ways, 1 to 6 uneven shots, 1 to 40 dimensions.</summary>
    private sealed record RandomEpisode(SupportClass[] Classes, float[][] Queries, Random Random)
    {
        public static RandomEpisode Draw(int seed)
        {
            var random = new Random(seed);
            var length = random.Next(1, 41);
            float[] Embedding() => [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() * 6 - 3))];
            var classes = Enumerable.Range(0, random.Next(2, 13))
                .Select(i => new SupportClass($"class {i}", [.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => Embedding())]));
            return new RandomEpisode([.. classes], [.. Enumerable.Range(0, 4).Select(_ => Embedding())], random);
        }

        public PrototypeClassifier Classifier => new(new SupportSet(Classes));
    }

    private static void ForEveryEpisode(Func<RandomEpisode, bool> property) =>
        Check.One(Fixed, Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => property(RandomEpisode.Draw(seed))));

    private static bool Same(Prediction a, Prediction b, double tolerance) =>
        a.Scores.Count == b.Scores.Count && a.Scores.All(x =>
        {
            var y = b.Scores.Single(s => s.Label == x.Label);
            return Math.Abs(x.Probability - y.Probability) <= tolerance
                && Math.Abs(x.Distance - y.Distance) <= tolerance * (1 + x.Distance);
        });

    [Fact]
    public void Probabilities_are_between_0_and_1_and_sum_to_1() => ForEveryEpisode(episode => episode.Queries.All(query =>
    {
        var scores = episode.Classifier.Classify(query).Scores;
        return scores.All(s => s.Probability is >= 0 and <= 1) && Math.Abs(scores.Sum(s => s.Probability) - 1) < 1e-12;
    }));

    [Fact]
    public void Scores_are_sorted_nearest_and_most_probable_first() =>
        ForEveryEpisode(episode =>
            episode.Queries.All(query =>
            {
                var scores = episode.Classifier.Classify(query).Scores;
                return scores
                    .Zip(scores.Skip(1))
                    .All(pair => pair.First.Distance <= pair.Second.Distance && pair.First.Probability >= pair.Second.Probability);
            })
        );

    [Fact]
    public void The_order_of_classes_does_not_matter_to_the_last_bit() => ForEveryEpisode(episode =>
    {
        var shuffled = episode.Classes.ToArray();
        episode.Random.Shuffle(shuffled);
        var other = new PrototypeClassifier(new SupportSet(shuffled));
        return episode.Queries.All(query => episode.Classifier.Classify(query).Scores.SequenceEqual(other.Classify(query).Scores));
    });

    [Fact]
    public void The_order_of_support_images_does_not_matter() => ForEveryEpisode(episode =>
    {
        var other = new PrototypeClassifier(new SupportSet([.. episode.Classes.Select(c =>
        {
            var shots = c.Embeddings.ToArray();
            episode.Random.Shuffle(shots);
            return new SupportClass(c.Label, shots);
        })]));
        return episode.Queries.All(query => Same(episode.Classifier.Classify(query), other.Classify(query), 1e-6));
    });

    [Fact]
    public void A_support_set_repeated_as_a_whole_changes_nothing() => ForEveryEpisode(episode =>
    {
        var doubled = new PrototypeClassifier(new SupportSet(
            [.. episode.Classes.Select(c => new SupportClass(c.Label, [.. c.Embeddings, .. c.Embeddings]))]));
        return episode.Queries.All(query => Same(episode.Classifier.Classify(query), doubled.Classify(query), 1e-6));
    });

    [Fact]
    public void Moving_every_embedding_by_the_same_amount_changes_nothing() => ForEveryEpisode(episode =>
    {
        // A power of two, so that the shift itself adds little rounding.
        static float[] Move(float[] embedding) => [.. embedding.Select(value => value + 4f)];
        var moved = new PrototypeClassifier(new SupportSet(
            [.. episode.Classes.Select(c => new SupportClass(c.Label, [.. c.Embeddings.Select(Move)]))]));
        return episode.Queries.All(query => Same(episode.Classifier.Classify(query), moved.Classify(Move(query)), 1e-4));
    });

    [Fact]
    public void A_query_at_a_prototype_belongs_to_it() => ForEveryEpisode(episode =>
    {
        var classifier = episode.Classifier;
        return classifier.Prototypes.All(p => classifier.Classify(p.Center.Span).Best is { Distance: 0 } best && best.Label == p.Label);
    });
}
