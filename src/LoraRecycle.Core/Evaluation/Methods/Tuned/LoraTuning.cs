using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Tuned;

/// <summary>A LoRA and a linear head tuned on each support set, many episodes in one batch.</summary>
/// <param name="tuning">How long and how fast; the paper's learning rate is 1e-3.</param>
/// <param name="rank">Of every LoRA; the paper's is 4. Alpha is the rank, so the factor before B A is 1.</param>
/// <param name="targets">Which layers of each block: q, k, v, out, fc1, fc2.</param>
public sealed class LoraTuning(AdamSteps tuning, int rank, IReadOnlyList<string> targets) : IFewShotMethod
{
    public string Name => "lora-linear";

    public string Title => "LoRA + linear";

    public DataUse Uses => DataUse.SupportTuning;

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(
        [.. tuning.Described, new("rank", AdamSteps.Text(rank)), new("targets", string.Join(',', targets))]);

    public IFewShotLearner Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation)
    {
        var layers = bench
            .Model.AdaptableLayers.Where(layer => layer.Part is { } part && targets.Contains(part, StringComparer.Ordinal))
            .ToArray();
        return layers.Length > 0
            ? new Learner(bench, layers, rank, tuning)
            : throw new AdapterException($"Expected target layers among q, k, v, out, fc1, fc2; got {string.Join(", ", targets)}.");
    }

    private sealed class Learner(Bench bench, AdaptableLayer[] layers, int rank, AdamSteps tuning) : IFewShotLearner
    {
        public int BatchSize(EpisodeShape shape) => bench.BatchSize(shape);

        public Tensor Logits(EpisodeSet episodes, CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            using var generators = new EpisodeGenerators(episodes);
            using var loras = new Adapter(
                "episodes",
                revision: "",
                layers.ToDictionary(
                    layer => layer.Name,
                    LayerAdapter (layer) => new EpisodeLoraLayer(layer, rank, episodes.Count, generators, bench.Device),
                    StringComparer.Ordinal
                )
            );
            using var heads = new LinearHeads(generators, bench.Model.Config.EmbeddingLength, episodes.Shape.Ways);
            return SupportTuning
                .Run(bench, loras, episodes, heads, [.. loras.Layers.Values.SelectMany(layer => layer.parameters())], tuning, cancellation)
                .MoveToOuterDisposeScope();
        }

        public void Dispose() { }
    }
}
