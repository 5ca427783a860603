using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.RandomBases;
using LoraRecycle.Core.Method.Tuning.Layers;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Forms;

/// <summary>RandLoRA (arXiv 2502.00987) as PEFT starts it: random bases of unit deviation, lambda zero and gamma 1 / its longest side.
/// </summary>
internal static class RandLoraForm
{
    /// <summary>PEFT's default for its scale: alpha is twenty times the rank.</summary>
    private const double Scale = 20;

    public static TunedLayer Make(FrozenLayer layer, FormMaterial material)
    {
        var rank = material.Settings.Rank;
        var (shortSide, longSide) = (
            Math.Min(layer.Layer.InFeatures, layer.Layer.OutFeatures),
            Math.Max(layer.Layer.InFeatures, layer.Layer.OutFeatures));
        var bases = (shortSide + rank - 1) / rank;
        return new TunedLayer(
            layer,
            new RandLoraLayer(
                layer.Layer.Name,
                Unit([rank, 1, shortSide]),
                Unit([longSide, bases, rank]),
                zeros([rank, bases], device: material.Device),
                ones([bases, shortSide], device: material.Device).div(Math.Max(bases, shortSide)),
                Scale * material.Settings.Scale,
                transposed: layer.Layer.OutFeatures < layer.Layer.InFeatures),
            Scale);

        Tensor Unit(long[] shape)
        {
            var values = rand(shape, generator: material.Extras).mul_(2).sub_(1);
            return values.div_(values.std()).to(material.Device);
        }
    }
}
