using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static LoraRecycle.Core.Safetensors.SafetensorsException;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.RandomBases;

/// <summary>
/// RandLoRA as PEFT writes it, with its random bases. Without them it is refused: PEFT draws them in whichever of bfloat16
/// and float16 the machine at hand has, so that the seed alone does not say what they were.
/// </summary>
public sealed class RandLoraFamily() : PeftFamily("randlora", "RANDLORA")
{
    private const string NameA = "base_model.randlora_A";
    private const string NameB = "base_model.randlora_B";
    private const long MostRank = 8192;

    internal override IReadOnlyCollection<string> Settings =>
        ["r", "randlora_alpha", "projection_prng_key", "save_projection", "randlora_dropout", "sparse", "very_sparse"];

    internal override IReadOnlyCollection<string> Shared => [NameA, NameB];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var rank = files.Config!.Whole("r", 1, MostRank);
        var scale = files.Config!.Number("randlora_alpha") / rank;
        if (!files.Tensors.ContainsKey(NameA) || !files.Tensors.ContainsKey(NameB))
            throw new AdapterException(
                $"{Quote(files.Path)} lacks the random bases {Quote(NameA)} and {Quote(NameB)}, and their seed does not reproduce them "
                    + "on every machine; save the adapter with save_projection=True."
            );

        // PEFT sizes them for the widest input and the widest output among the layers, whether or not one layer has both.
        var (widest, tallest) = (adapted.Max(entry => entry.Layer.InFeatures), adapted.Max(entry => entry.Layer.OutFeatures));
        var (shortest, longest) = (Math.Min(widest, tallest), Math.Max(widest, tallest));
        var a = files.Take(NameA, rank, 1, shortest);
        var b = files.Take(NameB, longest, Bases(shortest, rank), rank);
        return entry =>
        {
            var (shorter, longer) = (
                Math.Min(entry.Layer.InFeatures, entry.Layer.OutFeatures),
                Math.Max(entry.Layer.InFeatures, entry.Layer.OutFeatures)
            );
            var bases = Bases(shorter, rank);
            RequireSame(files, entry, "randlora_A", a);
            RequireSame(files, entry, "randlora_B", b);
            return new RandLoraLayer(
                entry.Layer.Name,
                a.narrow(2, 0, shorter), b.narrow(0, 0, longer).narrow(1, 0, bases),
                files.Take(entry["randlora_lambda"], rank, bases), files.Take(entry["randlora_gamma"], bases, shorter),
                scale, transposed: entry.Layer.InFeatures != shorter);
        };
    }

    /// <summary>So many products of the rank reach the full one.</summary>
    private static long Bases(long shorter, long rank) => (shorter + rank - 1) / rank;

    /// <summary>Some versions of PEFT repeat the shared bases with every layer.</summary>
    private static void RequireSame(AdapterFiles files, PeftTensors entry, string parameter, Tensor shared)
    {
        if (!entry.Keys.TryGetValue(parameter, out var key))
            return;
        using var repeated = files.Take(key, shared.shape);
        if (repeated.ne(shared).any().item<bool>())
            throw new AdapterException($"tensor {Quote(key)} of {Quote(files.Path)} differs from the basis that all layers share.");
    }
}
