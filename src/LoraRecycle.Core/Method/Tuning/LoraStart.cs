using LoraRecycle.Core.Adapters;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning;

/// <summary>
/// What tuning starts from, as PEFT and torch's linear layer start: A and the head uniform in +-1/sqrt(inputs). Drawn on the CPU: the same
/// on every device.
/// </summary>
internal static class LoraStart
{
    /// <returns><c>[rank, in]</c>.</returns>
    public static Tensor A(AdaptableLayer layer, int rank, Device device, Generator generator) =>
        Uniform([rank, layer.InFeatures], layer.InFeatures, device, generator);

    public static ClassificationHead Head(long classes, long embedding, bool hasBias, Device device, Generator generator) => new(
        Uniform([classes, embedding], embedding, device, generator),
        hasBias ? Uniform([classes], embedding, device, generator) : null);

    private static Tensor Uniform(long[] shape, long inputs, Device device, Generator generator)
    {
        var bound = 1 / Math.Sqrt(inputs);
        using var values = rand(shape, generator: generator).mul_(2 * bound).sub_(bound);
        return values.to(device, copy: true);
    }
}
