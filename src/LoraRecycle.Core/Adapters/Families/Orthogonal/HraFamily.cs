using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families.Orthogonal;

/// <summary>HRA as PEFT writes it.</summary>
public sealed class HraFamily() : PeftFamily("hra", "HRA")
{
    internal override IReadOnlyCollection<string> Settings => ["r", "apply_GS"];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        // As many reflections as inputs give every rotation; each costs a pass over the weight.
        var rank = files.Config!.Whole("r", 1, adapted.Min(entry => entry.Layer.InFeatures));
        var orthogonalised = files.Config!.Flag("apply_GS");
        return entry =>
        {
            var vectors = files.Take(entry["hra_u"], entry.Layer.InFeatures, rank);
            if (vectors.norm(0).eq(0).any().item<bool>())
                throw new AdapterException(
                    $"tensor {Quote(entry["hra_u"])} of {Quote(files.Path)} has a zero vector, which cannot be the normal of a plane."
                );
            return new HraLayer(entry.Layer.Name, vectors, orthogonalised);
        };
    }
}
