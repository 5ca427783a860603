using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Papers.Cores;

/// <summary>
/// LoLDU (arXiv 2410.13618): the leading part of W's decomposition P L D U gets another diagonal, W + s P L diag(z - d) U.
/// <c>lora_B</c> is P L, <c>lora_A</c> is U, <c>vector_d</c> the diagonal that the decomposition gave, <c>vector_z</c> what
/// it was trained to.
/// </summary>
public sealed class LolduFamily() : CoreFamily("loldu", "vector_z")
{
    private const string Start = "vector_d";

    // Which row is the pivot hangs on the last bits of the weights and on their precision.
    internal override string Origin => "LoLDU takes it from a decomposition of the weight that differs between machines and precisions";

    internal override CoreFactors Between(AdapterFiles files, PeftTensors entry, Tensor a, Tensor b) => new(
        a, b, files.Take(entry[CoreName], a.shape[0]), CoreName, files.Take(Frozen(entry, Start, Origin), a.shape[0]));
}
