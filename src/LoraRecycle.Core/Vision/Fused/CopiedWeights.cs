using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Fused;

/// <summary>The weights of a transformer that already exists, copied to another device or dtype, with its adapters merged in.</summary>
internal sealed class CopiedWeights(VisionTransformer model, Device device, ScalarType dtype) : IWeightSource
{
    private readonly Dictionary<string, Tensor> _state = model.state_dict();
    private readonly Dictionary<string, AdaptableLinear> _linear = model.AdaptableLayers.ToDictionary(
        layer => layer.Name,
        model.LinearOf,
        StringComparer.Ordinal
    );

    public Tensor Take(string name, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var dot = name.LastIndexOf('.');
        if (dot > 0 && _linear.TryGetValue(name[..dot], out var layer))
        {
            var (weight, bias) = layer.Merged();
            return (name.EndsWith(".weight", StringComparison.Ordinal) ? weight : bias!).to(dtype, device).MoveToOuterDisposeScope();
        }
        return _state.TryGetValue(name, out var tensor)
            ? tensor.to(dtype, device, copy: true).MoveToOuterDisposeScope()
            : throw new ModelException($"The model has no weight '{name}'.");
    }
}
