using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Papers.Cores;

/// <summary>
/// SoRA (arXiv 2311.11696): W + s B diag(g) A, where training drives entries of the gate g to zero. The ranks that it shut
/// are dropped here; the scale stays that of all of them.
/// </summary>
public sealed class SoraFamily() : CoreFamily("sora", "gate")
{
    internal override bool TrainsA => true;

    internal override bool TrainsB => true;

    /// <summary>The authors' code has the factors in a module beside the layer: <c>query.lora.lora_A</c>.</summary>
    internal override string Canonical(string key) => key.Replace(".lora.", ".", StringComparison.Ordinal);

    internal override CoreFactors Between(AdapterFiles files, PeftTensors entry, Tensor a, Tensor b)
    {
        // A row in the authors' code, which multiplies activations by it.
        var key = entry[CoreName];
        var gate = files.Tensors[key].Shape.Count == 2 ? files.Take(key, 1, a.shape[0]).flatten() : files.Take(key, a.shape[0]);
        long[] open = [.. gate.cpu().data<float>().ToArray().Index().Where(rank => rank.Item != 0).Select(rank => (long)rank.Index)];
        if (open.Length == a.shape[0])
            return new(a, b, gate, CoreName);
        var kept = tensor(open, device: gate.device);
        return new(a.index_select(0, kept), b.index_select(1, kept), gate.index_select(0, kept), CoreName);
    }
}
