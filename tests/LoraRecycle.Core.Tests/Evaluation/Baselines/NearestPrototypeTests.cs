using LoraRecycle.Core.Adapters.Algebra;
using LoraRecycle.Core.Evaluation.Methods;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Reports;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Evaluation.Baselines;

public sealed class NearestPrototypeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Its_accuracies_are_those_of_the_evaluation_that_takes_embeddings(int shots)
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(40, shots);

        var row = new Comparison(toy.Bench, [episodes]).Run(Method("nn"), cancellation: ToyBench.Cancellation);

        var rows = arange(toy.Bench.Images.Count, ScalarType.Int64).unsqueeze(0);
        var embeddings = toy.Embed(rows).squeeze(0).data<float>().ToArray().Chunk(toy.Model.Config.EmbeddingLength).ToArray();
        var byName = toy.Classes.SelectMany(c => c.Images).ToDictionary(image => image, image => embeddings[toy.Bench.Images.RowOf(image)]);
        var expected = new FewShotEvaluation(toy.Classes, episodes.Shape, 40, seed: 5).Run(byName, ToyBench.Cancellation);
        var result = Assert.Single(row.Results);
        Assert.Equal((expected.Mean, expected.HalfWidth, 40), (result.Accuracy, result.Interval95, result.Episodes));
        Assert.InRange(result.Accuracy, 0.4, 0.99); // neither chance nor too easy to tell anything
    }

    [Fact]
    public void The_average_row_embeds_with_the_mean_of_the_loras_deltas()
    {
        using var toy = new ToyBench("clip", "lora_qv", "lora_bias");
        using var average = AdapterSum.Of(toy.Model.FrozenLayers, toy.Bench.Loras, 0.5);
        var episodes = toy.Episodes(3, shots: 2);

        var expected = Prototypes.Logits(toy.Embed(episodes.Support, average), toy.Embed(episodes.Queries, average), ways: 3);

        AssertClose(expected, toy.Logits(Method("avg-nn"), episodes));
    }

    [Fact]
    public void A_sum_of_weight_one_over_n_is_the_average_and_another_weight_is_not()
    {
        using var toy = new ToyBench("clip", ToyBench.LoraNames);
        var episodes = toy.Episodes(3, shots: 2);
        var settings = new BaselineSettings { SumWeights = [new SumWeight(1, PerLora: true), new SumWeight(1, PerLora: false)] };
        IFewShotMethod[] sums = [.. MethodCatalog.Create("sum-nn", settings)];

        var average = toy.Logits(Method("avg-nn"), episodes);

        Assert.Equal(["sum-nn:1/N", "sum-nn:1"], sums.Select(sum => sum.Name));
        AssertClose(average, toy.Logits(sums[0], episodes));
        Assert.False(allclose(average.to(float32), toy.Logits(sums[1], episodes).to(float32), 1e-2, 1e-2));
    }

    [Fact]
    public void A_meta_lora_row_embeds_with_that_adapter()
    {
        using var toy = new ToyBench("clip", "lora_qv");
        var episodes = toy.Episodes(3, shots: 2);
        var lora = toy.Bench.Loras[0];

        var expected = Prototypes.Logits(toy.Embed(episodes.Support, lora), toy.Embed(episodes.Queries, lora), ways: 3);

        AssertClose(expected, toy.Logits(MethodCatalog.MetaLora("mine", "somewhere", lora), episodes));
    }

    private static IFewShotMethod Method(string name) => MethodCatalog.Create(name, new BaselineSettings()).Single();

    private static void AssertClose(Tensor expected, Tensor got) =>
        Assert.True(allclose(expected.to(float64), got, 1e-3, 1e-3), $"off by {(expected - got).abs().max().item<double>()}");
}
