using System.Text.Json;
using System.Text.Json.Nodes;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>The <c>adapter_config.json</c> of a LoRA, with every setting that PEFT 0.21 writes.</summary>
internal static class PeftLoraSettings
{
    // Other modules of a model than its adaptable layers are named so too (a pooling head's, another tower's).
    private static readonly string[] NeverByLastName = ["out", "fc1", "fc2"];

    public static string Json(
        IReadOnlyList<(AdaptableLayer Layer, LoraLayer Lora)> adapted,
        IReadOnlyList<AdaptableLayer> layers,
        string baseModel
    )
    {
        var (rank, alpha) = (adapted[0].Lora.Rank, Alpha(adapted[0].Lora));
        var settings = new JsonObject
        {
            ["alora_invocation_tokens"] = null,
            ["alpha_pattern"] = Pattern(adapted, lora => Alpha(lora) == alpha ? null : Number(Alpha(lora))),
            ["arrow_config"] = null,
            ["auto_mapping"] = null,
            ["base_model_name_or_path"] = baseModel,
            ["bias"] = adapted.Any(entry => entry.Lora.Bias is not null) ? "lora_only" : "none",
            ["corda_config"] = null,
            ["ensure_weight_tying"] = false,
            ["eva_config"] = null,
            ["exclude_modules"] = null,
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["kasa_config"] = null,
            ["layer_replication"] = null,
            ["layers_pattern"] = null,
            ["layers_to_transform"] = null,
            ["loftq_config"] = new JsonObject(),
            ["lora_alpha"] = Number(alpha),
            ["lora_bias"] = false,
            ["lora_dropout"] = 0.0,
            ["lora_ga_config"] = null,
            ["megatron_config"] = null,
            ["megatron_core"] = "megatron.core",
            ["modules_to_save"] = null,
            ["monteclora_config"] = null,
            ["peft_type"] = "LORA",
            ["peft_version"] = "0.21.0",
            ["qalora_group_size"] = 16,
            ["r"] = rank,
            ["rank_pattern"] = Pattern(adapted, lora => lora.Rank == rank ? null : JsonValue.Create(lora.Rank)),
            ["revision"] = null,
            ["target_modules"] = new JsonArray([
                .. Targets([.. adapted.Select(entry => entry.Layer)], layers).Select(name => (JsonNode)JsonValue.Create(name)),
            ]),
            ["target_parameters"] = null,
            ["task_type"] = null,
            ["trainable_token_indices"] = null,
            ["use_bdlora"] = null,
            ["use_dora"] = false,
            ["use_qalora"] = false,
            ["use_rslora"] = false,
            ["velora_config"] = null,
        };
        return settings.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    /// <summary>
    /// The names that select exactly these layers: <c>q_proj</c> where every layer of that name is adapted and no other
    /// is named so, else a layer's whole path.
    /// </summary>
    internal static IReadOnlyList<string> Targets(IReadOnlyList<AdaptableLayer> adapted, IReadOnlyList<AdaptableLayer> layers)
    {
        return [.. adapted.Select(Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

        string Name(AdaptableLayer layer)
        {
            var last = layer.SourceName[(layer.SourceName.LastIndexOf('.') + 1)..];
            var named = layers.Where(other => other.SourceName.EndsWith($".{last}", StringComparison.Ordinal));
            return NeverByLastName.Any(name => layer.Name.EndsWith($".{name}", StringComparison.Ordinal)) || named.Except(adapted).Any()
                ? layer.SourceName
                : last;
        }
    }

    private static JsonObject Pattern(IEnumerable<(AdaptableLayer Layer, LoraLayer Lora)> adapted, Func<LoraLayer, JsonNode?> value) => new(
        from entry in adapted
        let different = value(entry.Lora)
        where different is not null
        select KeyValuePair.Create(entry.Layer.SourceName, different));

    /// <summary>From the factor before B A back to alpha; rounded, since alpha / rank * rank need not give alpha again.</summary>
    private static double Alpha(LoraLayer lora) => Math.Round(lora.Scale * lora.Rank, 9);

    private static JsonValue Number(double value) => value == Math.Floor(value) ? JsonValue.Create((long)value) : JsonValue.Create(value);
}
