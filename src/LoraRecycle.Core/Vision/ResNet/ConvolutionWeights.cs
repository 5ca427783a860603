using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.ResNet;

/// <summary>Weights laid out as the device's convolutions like them: on a GPU, channels next to each other in memory.</summary>
internal sealed class ConvolutionWeights(IWeightSource source) : IWeightSource
{
    public Tensor Take(string name, params long[] shape) => Arranged(source.Take(name, shape));

    /// <returns>The same values; images laid out like this stay so from layer to layer.</returns>
    public static Tensor Arranged(Tensor values)
    {
        if (values.ndim != 4 || values.device.type == TorchSharp.DeviceType.CPU) return values;
        using var scope = NewDisposeScope();
        return values.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
