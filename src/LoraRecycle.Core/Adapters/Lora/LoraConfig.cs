using LoraRecycle.Core.Adapters.Peft;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Lora;

/// <summary>PEFT's settings of a LoRA, as far as they change what it computes; others are refused by name.</summary>
internal sealed class LoraConfig
{
    // Settings that change what the tensors mean, in ways that are not implemented.
    private static readonly (string Name, string Meaning)[] Unsupported =
    [
        ("fan_in_fan_out", "weights stored as [in, out]"),
        ("modules_to_save", "whole modules beside the LoRA"),
        ("lora_bias", "a bias on B"),
        ("use_qalora", "QA-LoRA"),
        ("use_bdlora", "block-diagonal LoRA"),
        ("arrow_config", "Arrow routing"),
        ("kasa_config", "KaSA"),
        ("monteclora_config", "Monte Carlo LoRA"),
        ("velora_config", "VeLoRA"),
        ("megatron_config", "Megatron's parallel layers"),
        ("layer_replication", "repeated layers"),
        ("target_parameters", "parameters that are not layers"),
        ("trainable_token_indices", "token embeddings"),
        ("alora_invocation_tokens", "activated LoRA"),
    ];

    // Settings that leave what a stored adapter computes as it is.
    private static readonly HashSet<string> WithoutEffect = new(StringComparer.Ordinal)
    {
        "peft_type", "peft_version", "auto_mapping", "base_model_name_or_path", "revision", "task_type", "inference_mode",
        "r", "lora_alpha", "rank_pattern", "alpha_pattern", "use_rslora", "use_dora", "bias", "init_lora_weights", "lora_dropout",
        "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "ensure_weight_tying", "runtime_config",
        "ephemeral_gpu_offload", "qalora_group_size", "megatron_core",
        // How A and B started out; they move base weights only together with the values of init_lora_weights refused below.
        "loftq_config", "eva_config", "corda_config", "lora_ga_config",
    };

    // Ways to start A and B that leave the base weights alone. The others (PiSSA, OLoRA, CorDA, LoftQ, LoRA-GA) take
    // something out of them: their file is a plain LoRA only once PEFT has converted it, and then it says true here.
    private static readonly HashSet<string> PlainInitialisations = new(StringComparer.Ordinal) { "gaussian", "eva", "orthogonal" };

    private readonly double _rank;
    private readonly double _alpha;
    private readonly PeftPattern _rankPattern;
    private readonly PeftPattern _alphaPattern;
    private readonly bool _rankStabilised;

    /// <exception cref="AdapterException">A setting is missing, wrong, or not supported.</exception>
    public LoraConfig(AdapterConfig config)
    {
        Refuse(config);
        _rank = config.Number("r");
        _alpha = config.Number("lora_alpha");
        _rankPattern = new(config, "rank_pattern");
        _alphaPattern = new(config, "alpha_pattern");
        _rankStabilised = config.Flag("use_rslora");
        UsesDora = config.Flag("use_dora");
        ReplacesBias = (config.Text("bias") ?? "none") switch
        {
            "none" => false,
            "lora_only" => true,
            var other => throw new AdapterException($"{AdapterConfig.FileName} has bias = {Quote(other)}; supported are 'none' and 'lora_only'."),
        };
    }

    public bool UsesDora { get; }

    /// <summary>Whether the adapted layers' own biases were trained too, and are in the file.</summary>
    public bool ReplacesBias { get; }

    /// <summary>The rank of a layer's factors.</summary>
    /// <exception cref="AdapterException">It is not a positive whole number.</exception>
    public long RankOf(AdaptableLayer layer)
    {
        var value = _rankPattern.For(layer.SourceName) ?? _rank;
        return value is >= 1 and <= int.MaxValue && value == Math.Floor(value)
            ? (long)value
            : throw new AdapterException($"{AdapterConfig.FileName} gives layer {layer.SourceName} the rank {value}; expected a whole number from 1.");
    }

    /// <summary>The factor before B A: alpha / r, or alpha / sqrt(r) where rank-stabilised (Kalajdzievski 2023).</summary>
    public double ScaleOf(AdaptableLayer layer) =>
        (_alphaPattern.For(layer.SourceName) ?? _alpha) / (_rankStabilised ? Math.Sqrt(RankOf(layer)) : RankOf(layer));

    private static void Refuse(AdapterConfig config)
    {
        foreach (var (name, meaning) in Unsupported)
            if (config.IsSet(name))
                throw new AdapterException($"{AdapterConfig.FileName} sets {name} ({meaning}), which is not supported.");

        // A setting that a newer PEFT added and this adapter uses may change anything; a plain number changes nothing alone.
        foreach (var name in config.Names.Where(name => !WithoutEffect.Contains(name)))
            if (config.IsSwitch(name))
                throw new AdapterException($"{AdapterConfig.FileName} sets {Quote(name)}, which is not known here and may change what the adapter computes.");

        if (config.Text("init_lora_weights") is { } start && !PlainInitialisations.Contains(start))
            throw new AdapterException(
                $"{AdapterConfig.FileName} has init_lora_weights = {Quote(start)}, which changes the base weights too; "
                + "save the adapter with path_initial_model_for_weight_conversion to make it a plain LoRA.");
    }
}
