using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Classification;
using LoraRecycle.Core.Method.Distillation.Steps;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Distillation;

public class PrototypeLogitsTests
{
    [Fact]
    public void Probabilities_are_those_of_the_classifier_that_serves()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        var support = randn([6, 4], generator: generator); // 3 ways, 2 shots
        var queries = randn([5, 4], generator: generator);

        var trained = PrototypeLogits.Of(support.unsqueeze(0), queries.unsqueeze(0), ways: 3).softmax(-1).data<float>().ToArray();

        var rows = support.data<float>().ToArray().Chunk(4).ToArray();
        var classifier = new PrototypeClassifier(
            new SupportSet([.. Enumerable.Range(0, 3).Select(way => new SupportClass($"{way}", rows[(2 * way)..((2 * way) + 2)]))])
        );
        foreach (var (index, query) in queries.data<float>().ToArray().Chunk(4).Index())
        {
            var served = classifier.Classify(query);
            foreach (var score in served.Scores)
                Assert.Equal(score.Probability, trained[(index * 3) + int.Parse(score.Label, null)], 5);
        }
    }

    [Fact]
    public void A_temperature_softens_and_does_not_reorder()
    {
        using var scope = NewDisposeScope();
        var support = tensor(new float[] { 0, 4 }, [1, 2, 1]);
        var queries = tensor(new float[] { 1 }, [1, 1, 1]);
        var sharp = PrototypeLogits.Of(support, queries, 2).softmax(-1).data<float>().ToArray();
        var soft = PrototypeLogits.Of(support, queries, 2, temperature: 10).softmax(-1).data<float>().ToArray();
        Assert.True(sharp[0] > soft[0] && soft[0] > 0.5f);
    }
}
