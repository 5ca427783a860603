using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Classification;

namespace LoraRecycle.Core.Tests.FewShot;

public sealed class PrototypeClassifierTests
{
    private static SupportClass Class(string label, params float[][] shots) => new(label, shots);

    private static PrototypeClassifier Classifier(params SupportClass[] classes) => new(new SupportSet(classes));

    [Fact]
    public void A_prototype_is_the_mean_of_uneven_shots()
    {
        var classifier = Classifier(Class("b", [1f, 2f], [3f, 6f], [5f, 1f]), Class("a", [7f, -7f]));

        Assert.Equal(["a", "b"], classifier.Prototypes.Select(p => p.Label));
        Assert.Equal([7f, -7f], classifier.Prototypes[0].Center.ToArray());
        Assert.Equal([3f, 3f], classifier.Prototypes[1].Center.ToArray());
        Assert.Equal([1, 3], classifier.Prototypes.Select(p => p.Shots));
    }

    [Fact]
    public void Scores_of_a_two_way_episode_are_those_worked_out_by_hand()
    {
        // Prototypes (0,0) and (1,2); query (1,0): squared distances 1 and 4; softmax of (-1,-4) is 1/(1+e^-3).
        var scores = Classifier(Class("origin", [-1f, 0f], [1f, 0f]), Class("far", [1f, 2f])).Classify([1f, 0f]).Scores;

        Assert.Equal(["origin", "far"], scores.Select(s => s.Label));
        Assert.Equal([1.0, 4.0], scores.Select(s => s.Distance));
        Assert.Equal(0.95257412682243336, scores[0].Probability, 15);
        Assert.Equal(0.04742587317756678, scores[1].Probability, 15);
    }

    [Fact]
    public void Distances_agree_with_a_plain_loop_at_every_length_of_the_vector_tail()
    {
        var random = new Random(7);
        for (var length = 1; length <= 70; length++)
        {
            float[] Draw() => [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() * 4 - 2))];
            var (a, b, query) = (Draw(), Draw(), Draw());
            var scores = Classifier(Class("a", a), Class("b", b)).Classify(query).Scores;
            foreach (var (label, center) in new[] { ("a", a), ("b", b) })
            {
                var expected = query.Zip(center, (x, y) => Math.Pow((double)x - y, 2)).Sum();
                Assert.Equal(expected, scores.Single(s => s.Label == label).Distance, 1e-12 * (1 + expected));
            }
        }
    }

    [Fact]
    public void Distances_beyond_the_range_of_exp_still_give_probabilities()
    {
        var scores = Classifier(Class("near", [1e6f]), Class("far", [-1e6f]), Class("farther", [-2e6f])).Classify([2e6f]).Scores;

        Assert.Equal(["near", "far", "farther"], scores.Select(s => s.Label));
        Assert.Equal([1.0, 0.0, 0.0], scores.Select(s => s.Probability));
    }

    [Fact]
    public void Classes_at_the_same_distance_come_in_ordinal_order_of_their_labels()
    {
        var scores = Classifier(Class("b", [1f]), Class("a", [-1f]), Class("B", [1f])).Classify([0f]).Scores;

        Assert.Equal(["B", "a", "b"], scores.Select(s => s.Label));
        Assert.All(scores, s => Assert.Equal(1.0 / 3, s.Probability, 15));
    }

    [Fact]
    public void A_thousand_ways_are_scored()
    {
        var classes = Enumerable.Range(0, 1000).Select(i => Class($"class {i:d4}", [i / 10f, 0f])).ToArray();
        var prediction = Classifier(classes).Classify([50.04f, 0f]);

        Assert.Equal("class 0500", prediction.Best.Label);
        Assert.Equal(1000, prediction.Scores.Count);
        Assert.Equal(1.0, prediction.Scores.Sum(s => s.Probability), 12);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Values_that_are_not_finite_are_refused(float value)
    {
        Assert.Throws<ArgumentException>(() => Class("a", [1f, value]));
        Assert.Throws<ArgumentException>(() => Classifier(Class("a", [1f]), Class("b", [2f])).Classify([value]));
    }

    [Fact]
    public void What_cannot_be_an_episode_is_refused_with_what_came()
    {
        Assert.Contains("got 1", Assert.Throws<ArgumentException>(() => Classifier(Class("a", [1f]))).Message, StringComparison.Ordinal);
        Assert.Contains(
            "'a' occurs twice",
            Assert.Throws<ArgumentException>(() => Classifier(Class("a", [1f]), Class("a", [2f]))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains("got none", Assert.Throws<ArgumentException>(() => Class("a")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "length 2",
            Assert.Throws<ArgumentException>(() => Classifier(Class("a", [1f]), Class("b", [2f, 3f]))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "got 2",
            Assert.Throws<ArgumentException>(() => Classifier(Class("a", [1f]), Class("b", [2f])).Classify([1f, 2f])).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => Class(" ", [1f]));
    }
}
