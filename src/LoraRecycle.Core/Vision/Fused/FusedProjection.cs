using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Foundation.Tensors;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Fused;

/// <summary>
/// Linear layers with their adapters merged in, side by side as one product: one weight for all images, or one for each of
/// several groups of images with different LoRAs. Owns its tensors.
/// </summary>
internal sealed class FusedProjection : IDisposable
{
    private readonly Tensor _weight;
    private readonly Tensor? _bias;
    private readonly LoraBranches? _trained;

    /// <param name="layers">With inputs of the same width; their outputs follow each other.</param>
    /// <param name="scale">[out], what multiplies the outputs of all; or null.</param>
    /// <param name="outer">A number that multiplies the outputs.</param>
    /// <param name="inner">A number that multiplies the weights, but not the biases.</param>
    /// <param name="train">Leave LoRAs beside the weight, where they can be trained.</param>
    public FusedProjection(
        IReadOnlyList<AdaptableLinear> layers, Tensor? scale = null, double outer = 1, double inner = 1, bool train = false)
    {
        if (train) _trained = LoraBranches.Of(layers, scale, outer * inner);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var dtype = layers[0].Weight.dtype;
        Groups = layers.Max(layer => (layer.Adapter as GroupedLoraLayer)?.Groups ?? 1);
        var merged = layers.Select(layer => Merged(layer, train && layer.Adapter is LoraLayer)).ToArray();
        var weight = cat([.. merged.Select(layer => layer.Weight)], -1).mul(outer * inner);
        var bias = merged.All(layer => layer.Bias is null) ? null : cat([.. merged.Select(BiasOf)], -1).mul(outer);
        if (scale is not null) (weight, bias) = (weight * scale.to(float32), bias is null ? null : bias * scale.to(float32));
        // One weight is kept as libtorch's linear takes it, [out, in].
        _weight = Keep(Groups == 1 ? weight.squeeze(0).T : weight);
        _bias = bias is null ? null : Keep(Groups == 1 ? bias.flatten() : bias);

        Tensor Keep(Tensor value) => value.to(dtype).contiguous().DetachFromDisposeScope();
    }

    public long Groups { get; }

    /// <param name="input">[groups * n, tokens, in].</param>
    /// <returns>[groups * n, tokens, out].</returns>
    public Tensor Apply(Tensor input)
    {
        if (Groups == 1 && _trained is null) return nn.functional.linear(input, _weight, _bias);
        using var scope = NewDisposeScope();
        var shape = input.shape;
        if (_trained is not null)
        {
            var flat = input.flatten(0, -2);
            var both = _trained.AddTo(nn.functional.linear(flat, _weight, _bias), flat);
            return both.view([.. shape[..^1], -1]).MoveToOuterDisposeScope();
        }
        var rows = input.reshape(Groups, -1, shape[2]);
        var output = _bias is null ? rows.bmm(_weight) : BatchedProduct.Add(_bias, rows, _weight);
        return output.view(shape[0], shape[1], -1).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _weight.Dispose();
        _bias?.Dispose();
    }

    /// <returns>[groups, in, out] and [groups, 1, out], float32.</returns>
    private (Tensor Weight, Tensor? Bias) Merged(AdaptableLinear layer, bool bare)
    {
        if (bare) return (layer.Weight.to(float32).T.unsqueeze(0), layer.Bias?.to(float32).view(1, 1, -1));
        if (layer.Adapter is GroupedLoraLayer several) return several.MergedByGroup(layer.Weight, layer.Bias);
        var (weight, bias) = layer.Adapter is LoraLayer one ? one.MergedWide(layer.Weight, layer.Bias) : layer.Merged();
        return (
            weight.to(float32).T.unsqueeze(0).expand(Groups, -1, -1),
            bias?.to(float32).view(1, 1, -1).expand(Groups, -1, -1));
    }

    private static Tensor BiasOf((Tensor Weight, Tensor? Bias) layer) =>
        layer.Bias ?? zeros([layer.Weight.shape[0], 1, layer.Weight.shape[2]], device: layer.Weight.device);
}
