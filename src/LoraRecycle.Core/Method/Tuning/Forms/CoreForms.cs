using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Papers.Cores;
using LoraRecycle.Core.Method.Tuning.Layers;
using LoraRecycle.Core.Method.Tuning.Options;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Forms;

/// <summary>Something trained between two factors: SLoRA, NLoRA, LoRA-SB, LaMDA, SoRA's gate, LoLDU's diagonal.</summary>
internal static class CoreForms
{
    /// <summary>What the parameter between the factors is called while it is tuned.</summary>
    public const string Core = "core";

    public static TunedLayer Make(FrozenLayer layer, Tensor a, FormMaterial material)
    {
        var (settings, form) = (material.Settings, material.Settings.Form);
        var factors = form.Kind switch
        {
            LoraForm.Gate => Around(ones([settings.Rank], device: material.Device)),
            LoraForm.Ldu => Decomposed(layer.Weight, settings.Rank),
            _ => form.Start switch
            {
                FactorStart.FirstStep => FirstStep(material.Probe.GradientOf(layer), settings),
                FactorStart.Nystroem => Nystroem(layer.Weight, settings.Rank) with
                {
                    TrainsA = form.TrainsFactors,
                    TrainsB = form.TrainsFactors,
                },
                FactorStart.Spectrum => Spectrum(layer.Weight, settings.Rank),
                _ => Around(form.HasUnitCore ? eye(settings.Rank, device: material.Device) : RandomCore()),
            },
        };
        return new TunedLayer(layer, new CoreLayer(layer.Layer.Name, factors, settings.Scale), settings.Scale)
        {
            Untrained = form.HasUnitCore ? [Core] : [],
        };

        CoreFactors Around(Tensor core) => new(
            a, zeros([layer.Layer.OutFeatures, settings.Rank], device: material.Device), core, Core)
        {
            TrainsA = true,
            TrainsB = true,
        };

        // As torch starts a linear layer.
        Tensor RandomCore()
        {
            var bound = 1 / Math.Sqrt(settings.Rank);
            return rand([settings.Rank, settings.Rank], generator: material.Extras).mul_(2 * bound).sub_(bound).to(material.Device);
        }
    }

    /// <summary>LoRA-SB (arXiv 2411.19557): the singular vectors of the first step that Adam would take on the whole weight, and the step
    /// itself, cut to the rank, as the core's start.</summary>
    internal static CoreFactors FirstStep(Tensor gradient, TuningSettings settings)
    {
        var (u, s, vh) = linalg.svd(gradient.sign().mul(-settings.LearningRate), fullMatrices: false);
        return new CoreFactors(
            vh.narrow(0, 0, settings.Rank).contiguous(),
            u.narrow(1, 0, settings.Rank).contiguous(),
            s.narrow(0, 0, settings.Rank).diag().div(settings.Scale),
            Core);
    }

    /// <summary>NLoRA (arXiv 2502.14482) as its authors' code has it: rows, columns and the corner of the weight, without the
    /// pseudo-inverse of Nystroem's method.</summary>
    internal static CoreFactors Nystroem(Tensor weight, int rank)
    {
        var own = weight.detach().to(ScalarType.Float32);
        return new CoreFactors(
            own.narrow(0, 0, rank).clone(), own.narrow(1, 0, rank).clone(), own.narrow(0, 0, rank).narrow(1, 0, rank).clone(), Core);
    }

    /// <summary>LaMDA (arXiv 2406.12832): the weight's largest singular vectors, A frozen, and a core of zeros, so that tuning begins from
    /// the bare model.</summary>
    internal static CoreFactors Spectrum(Tensor weight, int rank)
    {
        var (u, _, vh) = linalg.svd(weight.detach().to(ScalarType.Float32), fullMatrices: false);
        return new CoreFactors(
            vh.narrow(0, 0, rank).contiguous(), u.narrow(1, 0, rank).contiguous(), zeros([rank, rank], device: weight.device), Core)
        {
            TrainsB = true,
        };
    }

    /// <summary>LoLDU (arXiv 2410.13618): W = P L D U; the first pivots of D are trained, from what they are.</summary>
    internal static CoreFactors Decomposed(Tensor weight, int rank)
    {
        var (p, l, u) = linalg.lu(weight.detach().to(ScalarType.Float32));
        var pivots = u.diagonal().narrow(0, 0, rank).clone();
        return new CoreFactors(
            u.narrow(0, 0, rank).div(pivots.unsqueeze(1)), p.mm(l.narrow(1, 0, rank)), pivots.clone(), Core, Start: pivots);
    }
}
