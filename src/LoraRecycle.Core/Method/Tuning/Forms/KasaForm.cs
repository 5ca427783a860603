using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Method.Tuning.Layers;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Forms;

/// <summary>KaSA (arXiv 2412.06071): d drawn from the standard normal distribution, B zero.</summary>
internal static class KasaForm
{
    public static TunedLayer Make(FrozenLayer layer, Tensor a, FormMaterial material)
    {
        var settings = material.Settings;
        return new TunedLayer(
            layer,
            new KasaLayer(
                layer.Layer.Name,
                a,
                zeros([layer.Layer.OutFeatures, settings.Rank], device: material.Device),
                randn([settings.Rank], generator: material.Extras).to(material.Device),
                settings.Scale),
            settings.Scale);
    }
}
