using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static LoraRecycle.Core.Safetensors.SafetensorsException;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.RandomBases;

/// <summary>
/// VeRA as PEFT writes it. One pair of random matrices serves all layers, each of which uses their first rows and columns.
/// They are in the file, or else drawn again from the seed in the settings, as PEFT draws them.
/// </summary>
public sealed class VeraFamily() : PeftFamily("vera", "VERA")
{
    private const string NameA = "base_model.vera_A";
    private const string NameB = "base_model.vera_B";

    // A rank costs nothing in the file where the matrices are drawn; more than any published one is an attack.
    private const long MostRank = 8192;

    internal override IReadOnlyCollection<string> Settings => ["r", "projection_prng_key", "save_projection", "vera_dropout", "d_initial"];

    internal override IReadOnlyCollection<string> Shared => [NameA, NameB];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var rank = files.Config!.Whole("r", 1, MostRank);
        var (widest, tallest) = (adapted.Max(entry => entry.Layer.InFeatures), adapted.Max(entry => entry.Layer.OutFeatures));

        // Before anything is drawn: a layer's own tensors have to confirm the rank.
        var trained = adapted.ToDictionary(
            entry => entry.Layer,
            entry => (B: files.Take(entry["vera_lambda_b"], entry.Layer.OutFeatures), D: files.Take(entry["vera_lambda_d"], rank)));
        var (a, b) = files.Tensors.ContainsKey(NameA) || files.Tensors.ContainsKey(NameB)
            ? (Stored(files, NameA, rank, widest), Stored(files, NameB, tallest, rank))
            : Draw(files, rank, widest, tallest);
        return entry => new VeraLayer(
            entry.Layer.Name,
            a.narrow(1, 0, entry.Layer.InFeatures), b.narrow(0, 0, entry.Layer.OutFeatures),
            trained[entry.Layer].B, trained[entry.Layer].D);
    }

    /// <summary>A file may hold matrices that are larger than needed here: other layers of the model they were drawn for were adapted
    /// first.</summary>
    private static Tensor Stored(AdapterFiles files, string name, long rows, long columns)
    {
        var larger =
            files.Tensors.TryGetValue(name, out var entry) && entry.Shape is [var r, var c] && r >= rows && c >= columns
                ? entry.Shape
                : [rows, columns];
        return files.Take(name, [.. larger]).narrow(0, 0, rows).narrow(1, 0, columns);
    }

    /// <summary>He et al.'s uniform distribution: A first, then B, from one generator.</summary>
    private static (Tensor A, Tensor B) Draw(AdapterFiles files, long rank, long widest, long tallest)
    {
        if (files.Config!.Flag("save_projection"))
            throw new AdapterException(
                $"{Quote(files.Path)} lacks tensors {Quote(NameA)} and {Quote(NameB)}, although save_projection in "
                    + $"{AdapterConfig.FileName} announces them."
            );
        using var generator = new Generator((ulong)files.Config!.Whole("projection_prng_key", 0, 1L << 53));
        return (Draw(generator, rank, widest).to(files.Device), Draw(generator, tallest, rank).to(files.Device));
    }

    private static Tensor Draw(Generator generator, long rows, long columns)
    {
        var bound = Math.Sqrt(6.0 / columns);
        return empty([rows, columns]).uniform_(-bound, bound, generator);
    }
}
