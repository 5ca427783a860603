using static TorchSharp.torch;

namespace LoraRecycle.Core.Models;

/// <summary>
/// Seeded weights of a usable scale, for measuring speed and for tests: matrices normal with deviation 0.02, norms one,
/// biases zero.
/// </summary>
public sealed class RandomWeights(int seed, Device device, ScalarType dtype = ScalarType.Float32) : IWeightSource, IDisposable
{
    private readonly Generator _generator = new((ulong)seed, CPU);

    public Tensor Take(string name, params long[] shape)
    {
        var values = name.Contains("norm", StringComparison.Ordinal) || name.Contains("scale", StringComparison.Ordinal)
            ? name.EndsWith("bias", StringComparison.Ordinal) ? zeros(shape) : ones(shape)
            : name.EndsWith("bias", StringComparison.Ordinal) ? zeros(shape) : randn(shape, generator: _generator).mul_(0.02);
        return values.to(dtype, device, disposeAfter: true);
    }

    public void Dispose() => _generator.Dispose();
}
