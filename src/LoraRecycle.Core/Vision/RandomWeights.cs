using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision;

/// <summary>
/// Seeded weights of a usable scale, for measuring speed and for tests: matrices normal with deviation 0.02, norms,
/// scales and variances one, biases and means zero.
/// </summary>
public sealed class RandomWeights(int seed, Device device, ScalarType dtype = ScalarType.Float32) : IWeightSource, IDisposable
{
    private readonly Generator _generator = new((ulong)seed, CPU);

    public Tensor Take(string name, params long[] shape)
    {
        var values =
            shape.Length > 1 ? randn(shape, generator: _generator).mul_(0.02)
            : name.EndsWith("bias", StringComparison.Ordinal) || name.EndsWith("mean", StringComparison.Ordinal) ? zeros(shape)
            : ones(shape);
        return values.to(dtype, device, disposeAfter: true);
    }

    public void Dispose() => _generator.Dispose();
}
