using LoraRecycle.Core.Adapters.Storage;

namespace LoraRecycle.Core.Adapters.Families.Papers.Cores;

/// <summary>
/// NLoRA (arXiv 2502.14482): SLoRA whose factors start as Nystroem's method cuts them out of W; the frozen weight stays
/// whole. IntermediateTune, which trains N alone, is stored the same way.
/// </summary>
public sealed class NloraFamily() : CoreFamily("nlora", "lora_N")
{
    internal override bool TrainsA => true;

    internal override bool TrainsB => true;

    internal override bool IsPublished(AdapterFiles files) => files.Config!.Text("init_lora_weights") == "n_lora";
}
