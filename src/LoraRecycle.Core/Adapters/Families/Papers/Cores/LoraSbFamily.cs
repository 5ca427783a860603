namespace LoraRecycle.Core.Adapters.Families.Papers.Cores;

/// <summary>LoRA-SB (arXiv 2411.19557): W + s B R A as in LoRA-XS, A and B being the frozen singular vectors of the first step that full
/// fine-tuning would take.</summary>
public sealed class LoraSbFamily() : LatentMappingFamily("lora-sb")
{
    internal override string Origin => "LoRA-SB takes it from gradients on the training data, so it cannot be computed again";
}
