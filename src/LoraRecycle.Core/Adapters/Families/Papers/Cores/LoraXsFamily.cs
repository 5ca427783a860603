using LoraRecycle.Core.Adapters.Storage;

namespace LoraRecycle.Core.Adapters.Families.Papers.Cores;

/// <summary>LoRA-XS (arXiv 2405.17604): W + s B R A, where A and B are the frozen truncated singular value decomposition of W and R, r x
/// r, is all that is trained.</summary>
public sealed class LoraXsFamily() : LatentMappingFamily("lora-xs")
{
    // A singular vector and its negative are as good as each other, and R depends on which of them it was trained with.
    internal override string Origin =>
        "LoRA-XS takes it from a decomposition of the weight whose signs are arbitrary, so it cannot be computed again";

    // LoRA-SB's files are the same to the letter.
    internal override bool IsPublished(AdapterFiles files) =>
        files.Tensors.Keys.Any(key => key.Contains(CoreName, StringComparison.Ordinal));
}
