using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Methods.Tuned;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Foundation.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Mixed;

/// <summary>
/// MOLE (arXiv 2404.13628): in every layer a softmax gate mixes the outputs of the LoRAs. Gates and a linear head are
/// learnt on each support set; gates start equal, at the LoRAs' average.
/// </summary>
public sealed class MixtureOfLoras(AdamSteps tuning) : IFewShotMethod
{
    public string Name => "mole";

    public string Title => "MOLE";

    public DataUse Uses => DataUse.Market | DataUse.SupportTuning;

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(tuning.Described);

    public IFewShotLearner Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation) =>
        new Learner(bench, MixedLoras.Of(bench.Model, bench.Loras), tuning);

    private sealed class Learner(Bench bench, Adapter loras, AdamSteps tuning) : IFewShotLearner
    {
        public int BatchSize(EpisodeShape shape) => bench.BatchSize(shape);

        public Tensor Logits(EpisodeSet episodes, CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            using var generators = new EpisodeGenerators(episodes);
            using var heads = new LinearHeads(generators, bench.Model.Config.EmbeddingLength, episodes.Shape.Ways);
            (MixedLorasLayer Layer, Parameter Gate)[] gated =
            [
                .. loras.Layers.Values.Select(layer =>
                    ((MixedLorasLayer)layer, LiveTensors.Parameter(zeros([episodes.Count, bench.Loras.Count], device: bench.Device)))
                ),
            ];
            return SupportTuning
                .Run(bench, loras, episodes, heads, [.. gated.Select(entry => entry.Gate)], tuning, cancellation, SetGates)
                .MoveToOuterDisposeScope();

            void SetGates()
            {
                foreach (var (layer, gate) in gated) layer.Weights = gate.softmax(1);
            }
        }

        public void Dispose() => loras.Dispose();
    }
}
