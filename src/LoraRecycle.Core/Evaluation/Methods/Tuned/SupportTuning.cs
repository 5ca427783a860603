using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Tuned;

/// <summary>Tunes what is attached to the model, and linear heads over it, on the support sets of several episodes, then answers their
/// queries.</summary>
internal static class SupportTuning
{
    /// <param name="bench">The model and the images.</param>
    /// <param name="adapter">Acts on each episode's share of a batch.</param>
    /// <param name="episodes">The episodes.</param>
    /// <param name="heads">Theirs.</param>
    /// <param name="tuned">What is tuned beside the heads.</param>
    /// <param name="tuning">How.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <param name="beforePass">Called before every pass through the model.</param>
    /// <returns>[episodes, ways * queries, ways].</returns>
    public static Tensor Run(
        Bench bench, Adapter adapter, EpisodeSet episodes, LinearHeads heads, IReadOnlyList<Parameter> tuned, AdamSteps tuning,
        CancellationToken cancellation, Action? beforePass = null)
    {
        using var scope = NewDisposeScope();
        var (support, labels) = (bench.Pixels(episodes.Support), episodes.SupportLabels);
        using var attached = bench.Model.Attach(adapter);
        tuning.Minimise(tuned, heads, () => heads.Loss(Embed(support), labels), cancellation);
        using var withoutGrad = no_grad();
        return heads.Logits(Embed(bench.Pixels(episodes.Queries))).MoveToOuterDisposeScope();

        Tensor Embed(Tensor pixels)
        {
            beforePass?.Invoke();
            return bench.Model.call(pixels).Embedding.view(episodes.Count, -1, bench.Model.Config.EmbeddingLength);
        }
    }
}
