using LoraRecycle.Core.Adapters.Storage;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families.Papers.Mixture;

/// <summary>MixLoRA's settings, as far as they change what is computed; others are refused by name.</summary>
internal sealed class MixLoraShape
{
    private const long MostExperts = 1_024;

    /// <exception cref="AdapterException">A setting is missing, wrong, or not supported.</exception>
    public MixLoraShape(AdapterConfig config)
    {
        if (config.Text("routing_strategy") is { } strategy and not "mixlora")
            throw new AdapterException(
                $"{AdapterConfig.FileName} has routing_strategy = {Quote(strategy)}; supported is 'mixlora', which chooses the top_k "
                    + "experts of each token."
            );
        if (config.IsSet("act_fn"))
            throw new AdapterException(
                $"{AdapterConfig.FileName} sets act_fn, which is not supported: experts have the activation of the model."
            );
        if (config.IsSet("expert_lora"))
            throw new AdapterException(
                $"{AdapterConfig.FileName} sets expert_lora (another rank or scale for the experts), which is not supported."
            );
        if (config.IsSet("modules_to_save"))
            throw new AdapterException(
                $"{AdapterConfig.FileName} sets modules_to_save, which is not supported for MixLoRA; store a head as "
                    + $"{ClassificationHead.FileName}."
            );
        if (config.Text("bias") is { } bias and not "none")
            throw new AdapterException($"{AdapterConfig.FileName} has bias = {Quote(bias)}; supported for MixLoRA is 'none'.");
        Rank = PaperFamily.Rank(config);
        Scale = PaperFamily.Scale(config);
        Experts = config.Whole("num_experts", 1, MostExperts);
        Chosen = config.Whole("top_k", 1, Experts);
    }

    public long Rank { get; }

    public double Scale { get; }

    public long Experts { get; }

    /// <summary>How many of them a token gets.</summary>
    public long Chosen { get; }
}
