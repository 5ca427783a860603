using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Fused;

/// <summary>
/// The LoRAs of layers that lie side by side in a <see cref="FusedProjection"/>, while they are trained: one thin product with
/// all A, and one with all B, which stand on a diagonal. Owns nothing.
/// </summary>
internal sealed class LoraBranches
{
    private readonly (LoraLayer? Lora, long Outputs)[] _layers;
    private readonly Tensor? _scale;
    private readonly double _factor;
    private readonly long _ranks;

    private LoraBranches((LoraLayer? Lora, long Outputs)[] layers, Tensor? scale, double factor) =>
        (_layers, _scale, _factor, _ranks) = (layers, scale, factor, layers.Sum(layer => layer.Lora?.Rank ?? 0));

    /// <param name="layers">Some of which have a LoRA.</param>
    /// <param name="scale">[out], what multiplies the outputs of all; or null.</param>
    /// <param name="factor">A number that multiplies what the LoRAs add.</param>
    /// <returns>Null where no layer has a LoRA.</returns>
    public static LoraBranches? Of(IReadOnlyList<AdaptableLinear> layers, Tensor? scale, double factor)
    {
        var all = layers.Select(layer => (layer.Adapter as LoraLayer, layer.Weight.shape[0])).ToArray();
        return all.Any(layer => layer.Item1 is not null) ? new LoraBranches(all, scale, factor) : null;
    }

    /// <summary>Adds what the LoRAs make of the input, differentiable in both factors and in the input.</summary>
    /// <param name="output">[rows, out]: what the frozen layers made of it. Changed in place, and no view of a tensor whose gradient
    /// would then be copied.</param>
    /// <param name="input">[rows, in].</param>
    /// <returns>The output.</returns>
    public Tensor AddTo(Tensor output, Tensor input)
    {
        using var scope = NewDisposeScope();
        var down = cat([.. _layers.Where(layer => layer.Lora is not null).Select(layer => layer.Lora!.A)]).to(input.dtype);
        var up = Diagonal(down.device);
        if (_scale is not null) up = up * _scale.to(float32).unsqueeze(1);
        return output.addmm_(nn.functional.linear(input, down), up.to(input.dtype).T, 1, 1).MoveToOuterDisposeScope();
    }

    /// <returns>[out, ranks], float32: zero but for each layer's B in its own rows and columns.</returns>
    private Tensor Diagonal(Device device)
    {
        var (rows, before) = (new List<Tensor>(), 0L);
        foreach (var (lora, outputs) in _layers)
        {
            if (lora is null)
            {
                rows.Add(zeros([outputs, _ranks], device: device));
                continue;
            }
            rows.Add(nn.functional.pad(lora.B.mul(lora.Scale * _factor), [before, _ranks - before - lora.Rank]));
            before += lora.Rank;
        }
        return cat([.. rows]);
    }
}
