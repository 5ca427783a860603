using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Storage.Peft;

/// <summary>The settings that adapters of every PEFT family have.</summary>
internal static class PeftSettings
{
    // Those that leave what a stored adapter computes as it is, or say which layers it is for.
    private static readonly HashSet<string> Common = new(StringComparer.Ordinal)
    {
        "peft_type",
        "peft_version",
        "auto_mapping",
        "base_model_name_or_path",
        "revision",
        "task_type",
        "inference_mode",
        "runtime_config",
        "target_modules",
        "exclude_modules",
        "layers_to_transform",
        "layers_pattern",
        "modules_to_save",
        "bias",
        "fan_in_fan_out",
        "init_weights",
    };

    /// <exception cref="AdapterException">A setting is not supported, or turns on what nobody here knows.</exception>
    public static void Check(AdapterConfig config, IReadOnlyCollection<string> known)
    {
        if (config.IsSet("fan_in_fan_out"))
            throw new AdapterException(
                $"{AdapterConfig.FileName} sets fan_in_fan_out (weights stored as [in, out]), which is not supported."
            );
        foreach (var name in config.Names.Where(name => !Common.Contains(name) && !known.Contains(name)))
            if (config.IsSwitch(name))
                throw new AdapterException(
                    $"{AdapterConfig.FileName} sets {Quote(name)}, which is unknown and may change what the adapter computes."
                );
    }
}
