namespace LoraRecycle.Core.Adapters.Families.Papers.Cores;

/// <summary>What LoRA-XS and LoRA-SB have in common: both freeze two factors and train the square between them, and the code of both
/// stores it alike.</summary>
public abstract class LatentMappingFamily : CoreFamily
{
    private const string Mapping = "lora_latent_mapping";

    /// <param name="name">What users see.</param>
    protected LatentMappingFamily(string name)
        : base(name, Mapping)
    {
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The code of both puts the mapping beside the layer's factors, not among them, and PEFT then takes the adapter's own
    /// name out of <c>q_proj.default_lora_latent_mapping</c>, or does not, as its version has it.
    /// </remarks>
    internal override string Canonical(string key) => key
        .Replace($".default_{Mapping}.", $".{Mapping}.", StringComparison.Ordinal)
        .Replace($"_{Mapping}.", $".{Mapping}.", StringComparison.Ordinal);
}
