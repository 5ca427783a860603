using LoraRecycle.Core.Evaluation.Methods;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Methods.Tuned;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Method.Tuning.Methods;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Evaluation.Baselines;

public sealed class ComparisonTests
{
    [Fact]
    public void Every_method_runs_the_same_episodes_whatever_it_takes_at_once()
    {
        using var toy = new ToyBench();
        var seen = new List<(int First, int Count)>();
        var episodes = toy.Episodes(7, shots: 1);
        var result = new Comparison(toy.Bench, [episodes]).Run(new Fake(3, part =>
        {
            seen.Add((part.First, part.Count));
            return Answer(part, right: part.First == 0 ? 9 : 0);
        }), cancellation: ToyBench.Cancellation).Results.Single();
        Assert.Equal([(0, 3), (3, 3), (6, 1)], seen);
        Assert.Equal(3.0 / 7, result.Accuracy, 1e-12);
        Assert.Null(result.OverNearestPrototype);
    }

    [Fact]
    public void A_paired_difference_knows_no_spread_where_a_method_is_better_by_the_same_on_each_episode()
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(6, shots: 1);
        var comparison = new Comparison(toy.Bench, [episodes]);
        comparison.Run(
            new Fake(1, part => Answer(part, right: part.First), MethodCatalog.NearestPrototypeName),
            cancellation: ToyBench.Cancellation
        );
        var better = comparison
            .Run(new Fake(1, part => Answer(part, right: part.First + 3)), cancellation: ToyBench.Cancellation)
            .Results.Single();
        Assert.Equal((1.0 / 3, 0.0), (better.OverNearestPrototype!.Value, better.OverNearestPrototypeInterval95!.Value), Within(1e-9));
        Assert.True(better.Interval95 > 0.05);
    }

    [Fact]
    public void A_method_that_diverges_fails_alone_with_a_reason()
    {
        using var toy = new ToyBench();
        var comparison = new Comparison(toy.Bench, [toy.Episodes(2, shots: 1)]);
        var failed = comparison.Run(new FullTuning(new AdamSteps(4, 1e30)), cancellation: ToyBench.Cancellation);
        Assert.Empty(failed.Results);
        Assert.Contains("diverged", failed.Failure, StringComparison.Ordinal);
        Assert.Null(
            comparison.Run(MethodCatalog.Create("nn", new BaselineSettings()).Single(), cancellation: ToyBench.Cancellation).Failure
        );
    }

    [Fact]
    public void Slow_methods_run_the_first_episodes_only_and_say_so()
    {
        using var toy = new ToyBench();
        var comparison = new Comparison(toy.Bench, [toy.Episodes(5, shots: 1)], slowEpisodes: 2);
        Assert.Equal(
            2,
            comparison.Run(new FullTuning(new AdamSteps(1, 1e-4)), cancellation: ToyBench.Cancellation).Results.Single().Episodes
        );
        Assert.Equal(
            5,
            comparison
                .Run(MethodCatalog.Create("nn", new BaselineSettings()).Single(), cancellation: ToyBench.Cancellation)
                .Results.Single()
                .Episodes
        );
    }

    [Fact]
    public void A_seed_fixes_every_method_to_the_last_bit()
    {
        using var toy = new ToyBench("clip", ToyBench.LoraNames);
        var quick = new AdamSteps(2, 1e-3);
        var real = new RealEpisodes
        {
            LearningRate = 1e-3,
            Steps = 2,
            Ways = 3,
            Shots = [1],
            Queries = 2,
        };
        var settings = new BaselineSettings
        {
            Head = quick,
            Lora = quick,
            Full = quick,
            Mole = quick,
            HubEvaluations = 3,
            Pmf = real,
            RealMeta = new()
            {
                Iterations = 2,
                InterpolationWays = 3,
                Shots = [1],
                Queries = 2,
                InterpolationShare = 1,
            },
        };
        var episodes = toy.Episodes(2, shots: 1);
        // A search needs four images of each class.
        var names = MethodCatalog.Names.Except(["diffora-linear", "flexora-linear"]);
        foreach (var method in names.SelectMany(name => MethodCatalog.Create(name, settings)))
            Assert.Equal(Bytes(toy.Logits(method, episodes)), Bytes(toy.Logits(method, episodes)));

        static byte[] Bytes(Tensor logits) => logits.contiguous().bytes.ToArray();
    }

    [Fact]
    public void What_needs_a_market_or_data_is_known_by_name()
    {
        Assert.Equal(["nn", "linear", "lora-linear", "full"], MethodCatalog.NamesWith(DataUse.None));
        Assert.Equal(
            ["nn", "avg-nn", "sum-nn", "linear", "lora-linear", "full", "avg-linear", "lorahub", "mole"],
            MethodCatalog.NamesWith(DataUse.Market)
        );
        // Tuners of single episodes are slow, and run only where they are named.
        string[] usual = [.. MethodCatalog.NamesWith(DataUse.Market | DataUse.RealData)];
        Assert.Equal(MethodCatalog.Names.Take(usual.Length), usual);
        Assert.Equal(
            TuningMethods.All.Skip(1).Select(method => $"{method.Name}-linear"), MethodCatalog.Names.Skip(usual.Length));
        Assert.Equal(DataUse.SupportTuning, MethodCatalog.UsesOf("lora-pro-linear"));
        Assert.Null(MethodCatalog.UsesOf("lorahubs"));
    }

    [Fact]
    public void An_episode_names_the_images_that_its_sampler_drew()
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(3, shots: 2);
        var drawn = new EpisodeSampler(toy.Classes, episodes.Shape, episodes.Seed).Draw(1);
        var expected = drawn.Classes.SelectMany(c => c.Support.Select(image => toy.Bench.Images.RowOf(toy.Classes[c.Class].Images[image])));
        Assert.Equal(expected, episodes.Support[1].data<long>().ToArray());
        Assert.Equal([0, 0, 1, 1, 2, 2], episodes.SupportLabels.data<long>().ToArray());
    }

    /// <summary>Logits by which the first so many queries of each episode are right.</summary>
    private static Tensor Answer(EpisodeSet part, int right)
    {
        var labels = part.QueryLabels.data<long>().ToArray().Select((label, index) => index < right ? label : (label + 1) % 3).ToArray();
        return eye(3).index_select(0, tensor(labels)).unsqueeze(0).repeat(part.Count, 1, 1);
    }

    private static EqualityComparer<(double, double)> Within(double tolerance) => EqualityComparer<(double, double)>.Create(
        (a, b) => Math.Abs(a.Item1 - b.Item1) < tolerance && Math.Abs(a.Item2 - b.Item2) < tolerance, _ => 0);

    private sealed class Fake(int batchSize, Func<EpisodeSet, Tensor> answer, string name = "fake") : IFewShotMethod, IFewShotLearner
    {
        public string Name => name;

        public string Title => name;

        public DataUse Uses => DataUse.None;

        public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

        public IFewShotLearner Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation) => this;

        public int BatchSize(EpisodeShape shape) => batchSize;

        public Tensor Logits(EpisodeSet episodes, CancellationToken cancellation) => answer(episodes);

        public void Dispose() { }
    }
}
