using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families;

/// <summary>
/// What the families that PEFT has no name for have in common: a directory of PEFT's two files whose settings name the
/// family (<c>"family": "lora-xs"</c>), and tensors named after the model's layers. docs/adapters.md has every layout.
/// </summary>
public abstract class PaperFamily : PeftFamily
{
    /// <summary>The settings that all of them have: what names the family, what they compute with, and how training went.</summary>
    internal static readonly string[] Common = ["family", "r", "lora_alpha", "use_rslora", "lora_dropout", "init_lora_weights"];

    /// <param name="name">What users see, and what the settings say.</param>
    protected PaperFamily(string name)
        : base(name, peftType: "")
    {
    }

    /// <inheritdoc/>
    public override bool Recognises(AdapterFiles files) =>
        files.Config is { } config && (config.Family == "" ? config.PeftType == "LORA" && IsPublished(files) : config.Family == Name);

    internal sealed override IReadOnlyCollection<string> Settings => [.. Common, .. OwnSettings];

    /// <summary>The settings of this family alone.</summary>
    internal virtual IReadOnlyCollection<string> OwnSettings => [];

    /// <summary>Whether these are files as the authors' own code writes them, which call themselves a LoRA of PEFT.</summary>
    internal virtual bool IsPublished(AdapterFiles files) => false;

    /// <summary>The rank, which every tensor's shape has to confirm before anything is made of it.</summary>
    internal static long Rank(AdapterConfig config) => config.Whole("r", 1, int.MaxValue);

    /// <summary>The factor before the change: alpha / r, or alpha / sqrt(r) where rank-stabilised.</summary>
    internal static double Scale(AdapterConfig config)
    {
        var (rank, alpha) = (Rank(config), config.Number("lora_alpha"));
        return alpha / (config.Flag("use_rslora") ? Math.Sqrt(rank) : rank);
    }

    /// <summary>A frozen factor, which some training code leaves out as it was computed from the model.</summary>
    /// <exception cref="AdapterException">It is not in the file.</exception>
    internal static string Frozen(PeftTensors entry, string parameter, string origin) =>
        entry.Keys.TryGetValue(parameter, out var key)
            ? key
            : throw new AdapterException(
                $"layer {entry.Layer.SourceName} has no tensor {Quote($"{entry.Layer.SourceName}.{parameter}")}. {origin}; save it with "
                    + "the adapter."
            );
}
