using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Papers.Lofit;
using LoraRecycle.Core.Method.Tuning.Layers;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Forms;

/// <summary>LoFiT (arXiv 2406.01563): an offset for each chosen attention head, from almost nothing.</summary>
internal static class HeadsForm
{
    internal const double Deviation = 1e-3;

    public static TunedLayer Make(FrozenLayer layer, FormMaterial material)
    {
        var heads = material.Heads[layer.Layer.Name];
        var offsets = randn([heads.Length, layer.Layer.InFeatures / material.HeadCount], generator: material.Extras).mul_(Deviation);
        return new TunedLayer(
            layer,
            new LofitLayer(layer.Layer.Name, material.HeadCount, new HeadVectors(heads, offsets.to(material.Device)), scales: null),
            Scale: 1);
    }
}
