using LoraRecycle.Core.Adapters.Storage;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>
/// How the factors of a LoRA started out (<c>init_lora_weights</c>). It matters where that took something out of the base
/// weights: such factors are no change of the model as it was published.
/// </summary>
internal static class LoraInitialization
{
    private const string Setting = "init_lora_weights";

    // These leave the base weights alone. PEFT compares some of them without regard to case.
    private static readonly HashSet<string> Plain = new(StringComparer.OrdinalIgnoreCase) { "gaussian", "eva", "orthogonal", "mica" };

    // These take the product that the factors start with out of the base weights, so that the difference of both products
    // is a plain LoRA of twice the rank. PEFT writes true for a file that it made so.
    private static readonly string[] Subtracting = ["pissa", "olora", "corda", "lora_ga"];

    /// <summary>The settings that say how the factors started out.</summary>
    public static IReadOnlyCollection<string> Settings { get; } = [Setting, "loftq_config", "eva_config", "corda_config", "lora_ga_config"];

    /// <exception cref="AdapterException">The base weights were changed too.</exception>
    public static void Check(AdapterConfig config)
    {
        if (config.Text(Setting) is not { } start || Plain.Contains(start))
            return;
        var because = $"{AdapterConfig.FileName} has {Setting} = {Quote(start)}, ";
        if (Subtracting.Any(name => start.StartsWith(name, StringComparison.Ordinal)))
            throw new AdapterException(
                because
                    + "which also changes the base weights, so the factors alone do not fit the original model. "
                    + "Convert it with PEFT: model.save_pretrained(..., path_initial_model_for_weight_conversion=...) with the adapter "
                    + "as it was saved before training."
            );
        throw new AdapterException(
            start == "loftq"
                ? because
                    + "whose factors compensate for the quantisation of the base weights; on a model that is not quantised they are "
                    + "wrong. Train the adapter on the model itself."
                : because + "which is unknown and may change the base weights."
        );
    }
}
