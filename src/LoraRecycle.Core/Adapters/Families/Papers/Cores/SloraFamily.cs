using LoraRecycle.Core.Adapters.Storage;

namespace LoraRecycle.Core.Adapters.Families.Papers.Cores;

/// <summary>SLoRA, StructuredLoRA (arXiv 2502.14482): W + s B N A, all three trained; N, r x r, is drawn at random.</summary>
public sealed class SloraFamily() : CoreFamily("slora", "lora_N")
{
    internal override bool TrainsA => true;

    internal override bool TrainsB => true;

    internal override bool IsPublished(AdapterFiles files) => files.Config!.Text("init_lora_weights") == "s_lora";
}
