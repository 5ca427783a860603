using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Method.Tuning.Layers;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Method.Tuning.Probing;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Forms;

/// <summary>Makes what is tuned beside a layer.</summary>
internal static class LayerForms
{
    /// <param name="layer">What the model has there.</param>
    /// <param name="a">What plain LoRA starts A from, <c>[rank, in]</c>; taken over.</param>
    /// <param name="material">What a form may look at or draw from.</param>
    public static TunedLayer Make(FrozenLayer layer, Tensor a, FormMaterial material)
    {
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        return material.Settings.Form.Kind switch
        {
            LoraForm.Lora => FactorForms.Make(layer, a, material),
            LoraForm.Core or LoraForm.Gate or LoraForm.Ldu => CoreForms.Make(layer, a, material),
            LoraForm.Kasa => KasaForm.Make(layer, a, material),
            LoraForm.RandLora => RandLoraForm.Make(layer, material),
            LoraForm.Heads => HeadsForm.Make(layer, material),
            LoraForm.Dense => new TunedLayer(layer, new DenseLayer(layer.Layer, material.Device), Scale: 1),
            var other => throw new TuningException($"Expected a known form; got {other}."),
        };
    }

    /// <summary>The largest rank of a form's change, of what is stored.</summary>
    public static int StoredRank(TuningSettings settings) =>
        settings.Form switch
        {
            { Kind: LoraForm.Kasa } or { Start: FactorStart.Gradient } => 2 * settings.Rank,
            { Kind: LoraForm.RandLora or LoraForm.Dense } => settings.Form.StoredRank,
            _ => settings.Rank,
        };
}

/// <summary>What a form may look at, and draw from.</summary>
/// <param name="Settings">How to tune.</param>
/// <param name="Device">Where the model is.</param>
/// <param name="Extras">Of what plain LoRA does not draw, so that it finds its own numbers whatever a form draws.</param>
/// <param name="Probe">Gradients, which are computed when a start asks for them.</param>
/// <param name="Heads">Chosen attention heads by layer, where the form needs them; else empty.</param>
/// <param name="HeadCount">Attention heads of a block.</param>
internal sealed record FormMaterial(
    TuningSettings Settings, Device Device, Generator Extras, Probe Probe, IReadOnlyDictionary<string, long[]> Heads, int HeadCount);
