using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>PEFT's settings of a LoRA, as far as they change what it computes; others are refused by name.</summary>
internal sealed class LoraConfig
{
    // Settings that change what the tensors mean, in ways that are not implemented.
    private static readonly (string Name, string Meaning)[] Unsupported =
    [
        ("use_qalora", "QA-LoRA"),
        ("arrow_config", "Arrow routing"),
        ("monteclora_config", "Monte Carlo LoRA"),
        ("velora_config", "VeLoRA"),
        ("megatron_config", "Megatron's parallel layers"),
        ("layer_replication", "repeated layers"),
        ("target_parameters", "parameters that are not layers"),
        ("trainable_token_indices", "token embeddings"),
        ("alora_invocation_tokens", "activated LoRA"),
    ];

    // Of these PEFT takes one: they say what the factors mean.
    private static readonly string[] Variants = [Dora, Kasa, BlockDiagonal.Setting];

    private const string Dora = "use_dora";
    private const string Kasa = "kasa_config";

    private readonly double _rank;
    private readonly double _alpha;
    private readonly PeftPattern _rankPattern;
    private readonly PeftPattern _alphaPattern;
    private readonly bool _rankStabilised;

    /// <summary>The settings that are looked at here, and those that leave what a stored adapter computes as it is.</summary>
    public static IReadOnlyCollection<string> Known { get; } =
    [
        "r", "lora_alpha", "rank_pattern", "alpha_pattern", "use_rslora", "lora_bias", "lora_dropout",
        "ensure_weight_tying", "ephemeral_gpu_offload", "qalora_group_size", "megatron_core",
        .. Variants, .. Unsupported.Select(setting => setting.Name), .. LoraInitialization.Settings,
    ];

    /// <exception cref="AdapterException">A setting is missing, wrong, or not supported.</exception>
    public LoraConfig(AdapterConfig config)
    {
        Refuse(config);
        _rank = config.Number("r");
        _alpha = config.Number("lora_alpha");
        _rankPattern = new(config, "rank_pattern");
        _alphaPattern = new(config, "alpha_pattern");
        _rankStabilised = config.Flag("use_rslora");
        UsesDora = config.Flag(Dora);
        UsesKasa = config.Section(Kasa) is not null;
        Blocks = config.Section(BlockDiagonal.Setting) is { } blocks ? new(blocks) : null;
        AddsBias = config.Flag("lora_bias");
    }

    public bool UsesDora { get; }

    public bool UsesKasa { get; }

    /// <summary>Which factors are stored as blocks; null where none are.</summary>
    public BlockDiagonal? Blocks { get; }

    /// <summary>Whether B has a bias of its own.</summary>
    public bool AddsBias { get; }

    /// <summary>The rank of a layer's factors.</summary>
    /// <exception cref="AdapterException">It is not a positive whole number.</exception>
    public long RankOf(AdaptableLayer layer)
    {
        var value = _rankPattern.For(layer.SourceName) ?? _rank;
        return value is >= 1 and <= int.MaxValue && value == Math.Floor(value)
            ? (long)value
            : throw new AdapterException(
                $"{AdapterConfig.FileName} gives layer {layer.SourceName} the rank {value}; expected a whole number from 1."
            );
    }

    /// <summary>The factor before B A: alpha / r, or alpha / sqrt(r) where rank-stabilised (Kalajdzievski 2023).</summary>
    public double ScaleOf(AdaptableLayer layer) =>
        (_alphaPattern.For(layer.SourceName) ?? _alpha) / (_rankStabilised ? Math.Sqrt(RankOf(layer)) : RankOf(layer));

    private static void Refuse(AdapterConfig config)
    {
        foreach (var (name, meaning) in Unsupported)
            if (config.IsSet(name))
                throw new AdapterException($"{AdapterConfig.FileName} sets {name} ({meaning}), which is not supported.");

        if (Variants.Where(config.IsSet).ToArray() is [var first, var second, ..])
            throw new AdapterException($"{AdapterConfig.FileName} sets {first} and {second}, which exclude each other.");
        if (config.IsSet(Dora) && config.IsSet("lora_bias"))
            throw new AdapterException($"{AdapterConfig.FileName} sets {Dora} and lora_bias, which exclude each other.");
        LoraInitialization.Check(config);
    }
}
