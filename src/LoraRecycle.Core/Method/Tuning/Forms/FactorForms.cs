using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Method.Tuning.Layers;
using LoraRecycle.Core.Method.Tuning.Options;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Forms;

/// <summary>Two factors: plain LoRA, LoRA-GA's start, Comp-LoRA's projection.</summary>
internal static class FactorForms
{
    public static TunedLayer Make(FrozenLayer layer, Tensor a, FormMaterial material)
    {
        var settings = material.Settings;
        var name = layer.Layer.Name;
        if (settings.Form.Start == FactorStart.Gradient)
        {
            var (startA, startB) = GradientStart(material.Probe.GradientOf(layer), settings.Rank, settings.Form.Gamma);
            return new TunedLayer(layer, new OffsetLoraLayer(name, startA, startB, settings.Scale), settings.Scale);
        }
        var b = zeros([layer.Layer.OutFeatures, settings.Rank], device: material.Device);
        if (settings.Form.Keep == 0) return new TunedLayer(layer, new LoraLayer(name, a, b, settings.Scale), settings.Scale);
        var (left, right) = Strongest(layer.Weight, settings.Form.Keep);
        return new TunedLayer(layer, new ProjectedLoraLayer(name, a, b, settings.Scale, left, right), settings.Scale);
    }

    /// <summary>LoRA-GA (arXiv 2407.05000): the first step of A and B then moves the weight along the best approximation of its gradient
    /// of rank 2 r.</summary>
    /// <param name="gradient"><c>[out, in]</c></param>
    /// <param name="rank">r.</param>
    /// <param name="gamma">Both factors are scaled by out^(1/4) / sqrt(gamma).</param>
    internal static (Tensor A, Tensor B) GradientStart(Tensor gradient, int rank, double gamma)
    {
        using var scope = NewDisposeScope();
        var (u, _, vh) = linalg.svd(gradient, fullMatrices: false);
        var size = Math.Pow(gradient.shape[0], 0.25) / Math.Sqrt(gamma);
        return (
            vh.narrow(0, 0, rank).mul(size).MoveToOuterDisposeScope(),
            u.narrow(1, rank, rank).mul(size).contiguous().MoveToOuterDisposeScope());
    }

    /// <summary>The largest singular directions, as few as have a share of the weight's energy.</summary>
    /// <returns><c>[out, kept]</c> and <c>[in, kept]</c>.</returns>
    internal static (Tensor Left, Tensor Right) Strongest(Tensor weight, double energy)
    {
        using var scope = NewDisposeScope();
        var (u, s, vh) = linalg.svd(weight.detach().to(ScalarType.Float32), fullMatrices: false);
        var squares = s.to(ScalarType.Float64).square();
        var reached = squares.cumsum(0).lt(squares.sum().mul(energy)).sum().item<long>();
        var kept = Math.Min(reached + 1, s.shape[0]);
        return (
            u.narrow(1, 0, kept).contiguous().MoveToOuterDisposeScope(),
            vh.narrow(0, 0, kept).T.contiguous().MoveToOuterDisposeScope());
    }
}
