using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Evaluation.Methods.Mixed;

/// <summary>A market's LoRAs as one adapter whose mixture is chosen for each episode.</summary>
internal static class MixedLoras
{
    /// <returns>An adapter of <see cref="MixedLorasLayer"/>s, which the caller owns.</returns>
    /// <exception cref="AdapterException">One is no plain LoRA.</exception>
    public static Adapter Of(VisionTransformer model, IReadOnlyList<Adapter> loras)
    {
        foreach (var lora in loras) lora.RequireOnlyLayers("mixed with others for each task");
        return new(
            "mixed-loras",
            revision: "",
            model
                .AdaptableLayers.Where(layer => loras.Any(lora => lora.Layers.ContainsKey(layer.Name)))
                .ToDictionary(
                    layer => layer.Name,
                    LayerAdapter (layer) =>
                        new MixedLorasLayer(layer, model.LinearOf(layer), [.. loras.Select(lora => PartOf(lora, layer.Name))]),
                    StringComparer.Ordinal
                )
        );
    }

    private static LoraLayer? PartOf(Adapter lora, string layer) =>
        lora.Layers.GetValueOrDefault(layer) switch
        {
            null => null,
            LoraLayer part => part,
            var other => throw new AdapterException(
                $"LoRAs can be mixed for each task only if all are plain LoRAs; layer {layer} of one is a {other.GetType().Name}. Leave "
                    + "it out with --loras, or leave out lorahub and mole."
            ),
        };
}
