using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Foundation.Randomness;
using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Method.Tuning.Options;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Tuned;

/// <summary>A published tuner on each support set, one after the other: what <see cref="LoraTuner"/> does with these images.</summary>
/// <param name="method">How to tune.</param>
/// <param name="settings">What it sets its parts on.</param>
public sealed class TunedEpisodes(TuningMethod method, TuningSettings settings) : IFewShotMethod
{
    /// <summary>What the rows of tuners end with.</summary>
    public const string Suffix = "-linear";

    public string Name => method.Name + Suffix;

    public string Title => $"{method.Title} + linear";

    public DataUse Uses => DataUse.SupportTuning;

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["method"] = method.Name,
        ["paper"] = method.Paper,
        ["objective"] = settings.Objective.ToString(),
        ["steps"] = AdamSteps.Text(settings.Steps),
        ["learningRate"] = AdamSteps.Text(settings.LearningRate),
        ["headLearningRate"] = AdamSteps.Text(settings.HeadLearningRate ?? settings.LearningRate),
        ["rank"] = AdamSteps.Text(settings.Rank),
        ["targets"] = string.Join(',', method.On(settings).Targets),
    };

    /// <exception cref="TuningException">The model has no such layers.</exception>
    public IFewShotLearner Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation)
    {
        _ = method.On(settings).LayersOf(bench.Model.AdaptableLayers);
        return new Learner(bench, method, settings);
    }

    private sealed class Learner(Bench bench, TuningMethod method, TuningSettings settings) : IFewShotLearner
    {
        public int BatchSize(EpisodeShape shape) => 1;

        public Tensor Logits(EpisodeSet episodes, CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            var logits = Enumerable.Range(0, episodes.Count).Select(index => Answer(episodes.Part(index, 1), cancellation)).ToArray();
            return stack(logits).MoveToOuterDisposeScope();
        }

        public void Dispose() { }

        private Tensor Answer(EpisodeSet episode, CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            string[] names = [.. Enumerable.Range(0, episode.Shape.Ways).Select(way => $"class {way}")];
            using var images = new LabelledImages(bench.Pixels(episode.Support), episode.SupportLabels, names);
            var own = settings with
            {
                BatchSize = Math.Max(2, images.Count), // all of them at every step
                Seed = (long)(SplitMix64.OfStream(episode.Seed, episode.First).Next() >> 1),
            };
            using var tuned = new LoraTuner(bench.Model).Tune(images, method.On(own), cancellation: cancellation);
            using var attached = bench.Model.Attach(tuned.Adapter);
            using var withoutGrad = no_grad();
            return tuned.Adapter.Head!.call(bench.Model.call(bench.Pixels(episode.Queries)).Embedding).MoveToOuterDisposeScope();
        }
    }
}
