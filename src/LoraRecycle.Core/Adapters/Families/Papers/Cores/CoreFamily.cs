using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Papers.Cores;

/// <summary>Reads what all families of <see cref="CoreLayer"/> have: <c>lora_A</c>, <c>lora_B</c> and, between them, a core that each
/// calls by a name of its own.</summary>
public abstract class CoreFamily : PaperFamily
{
    /// <param name="name">What users see.</param>
    /// <param name="core">What its files call the core.</param>
    protected CoreFamily(string name, string core)
        : base(name) => CoreName = core;

    internal string CoreName { get; }

    /// <summary>Where a factor that is not trained comes from, for the message that asks for it.</summary>
    internal virtual string Origin => "All three factors are part of the adapter";

    internal virtual bool TrainsA => false;

    internal virtual bool TrainsB => false;

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var (rank, scale) = (Rank(files.Config!), Scale(files.Config!));
        return entry =>
        {
            var a = files.Take(Frozen(entry, "lora_A", Origin), rank, entry.Layer.InFeatures);
            var b = files.Take(Frozen(entry, "lora_B", Origin), entry.Layer.OutFeatures, rank);
            var factors = Between(files, entry, a, b) with { TrainsA = TrainsA, TrainsB = TrainsB };
            return new CoreLayer(entry.Layer.Name, factors, scale);
        };
    }

    /// <summary>Reads the core; by default a square matrix.</summary>
    /// <param name="files">The files.</param>
    /// <param name="entry">The layer's tensors.</param>
    /// <param name="a"><c>[rank, in]</c>.</param>
    /// <param name="b"><c>[out, rank]</c>.</param>
    internal virtual CoreFactors Between(AdapterFiles files, PeftTensors entry, Tensor a, Tensor b) =>
        new(a, b, files.Take(entry[CoreName], a.shape[0], a.shape[0]), CoreName);
}
