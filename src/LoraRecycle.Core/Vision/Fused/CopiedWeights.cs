using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Fused;

/// <summary>The weights of a module that already exists, copied to another device or dtype.</summary>
internal sealed class CopiedWeights(nn.Module root, Device device, ScalarType dtype) : IWeightSource
{
    private readonly Dictionary<string, Tensor> _state = root.state_dict();

    public Tensor Take(string name, params long[] shape) =>
        _state.TryGetValue(name, out var tensor)
            ? tensor.to(dtype, device, copy: true)
            : throw new ModelException($"The model has no weight '{name}'.");
}
