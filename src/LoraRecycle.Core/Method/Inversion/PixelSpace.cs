using LoraRecycle.Core.Imaging.Preprocessing;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion;

/// <summary>A model's normalised pixels: their valid range, and the way from and to 8 bit and to a prior's normalisation. Owns its
/// tensors.</summary>
public sealed class PixelSpace : IDisposable
{
    // What torchvision's networks were trained with, which come as weights alone.
    private static readonly (IReadOnlyList<double> Mean, IReadOnlyList<double> Std) Torchvision =
        ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

    private readonly Tensor _scale, _shift, _priorScale, _priorShift;

    /// <param name="preprocessor">How the model wants its pixels.</param>
    /// <param name="device">Where they are.</param>
    /// <param name="prior">How a prior wants them; null for as torchvision's networks do.</param>
    public PixelSpace(PreprocessorConfig preprocessor, Device device, PreprocessorConfig? prior = null)
    {
        ArgumentNullException.ThrowIfNull(preprocessor);
        var (mean, std) = Normalisation(preprocessor);
        var (priorMean, priorStd) = prior is null ? Torchvision : Normalisation(prior);
        Device = device;
        _scale = PerChannel(c => 255 * std[c]);
        _shift = PerChannel(c => 255 * mean[c]);
        Low = PerChannel(c => -mean[c] / std[c]);
        High = PerChannel(c => (1 - mean[c]) / std[c]);
        _priorScale = PerChannel(c => std[c] / priorStd[c]);
        _priorShift = PerChannel(c => (mean[c] - priorMean[c]) / priorStd[c]);

        Tensor PerChannel(Func<int, double> value) =>
            tensor([.. Enumerable.Range(0, 3).Select(c => (float)value(c))], [1, 3, 1, 1], device: device).DetachFromDisposeScope();
    }

    public Device Device { get; }

    /// <summary>Black, [1, 3, 1, 1].</summary>
    public Tensor Low { get; }

    /// <summary>White, [1, 3, 1, 1].</summary>
    public Tensor High { get; }

    /// <param name="normalised">[batch, 3, height, width].</param>
    /// <returns>The nearest 8 bit samples, on the same device.</returns>
    public Tensor ToBytes(Tensor normalised)
    {
        using var scope = NewDisposeScope();
        return normalised
            .to(ScalarType.Float32)
            .mul(_scale)
            .add_(_shift)
            .round()
            .clamp_(0, 255)
            .to(ScalarType.Byte)
            .MoveToOuterDisposeScope();
    }

    /// <param name="bytes">[batch, 3, height, width], 8 bit, on any device.</param>
    /// <returns>float32, normalised, on this device.</returns>
    public Tensor FromBytes(Tensor bytes)
    {
        using var scope = NewDisposeScope();
        return bytes.to(Device).to(ScalarType.Float32).sub(_shift).div_(_scale).MoveToOuterDisposeScope();
    }

    /// <param name="bytes">[batch, 3, side, side], 8 bit, on any device.</param>
    /// <param name="size">Pixels a side, at most those of the images.</param>
    /// <returns>The middle of each, [batch, 3, size, size], as <see cref="FromBytes"/>.</returns>
    public Tensor MiddleFromBytes(Tensor bytes, int size)
    {
        var margin = (bytes.shape[2] - size) / 2;
        using var scope = NewDisposeScope();
        return FromBytes(bytes.narrow(2, margin, size).narrow(3, margin, size)).MoveToOuterDisposeScope();
    }

    /// <param name="samples">[batch, 3, height, width], from 0 to 1, on this device.</param>
    /// <returns>Normalised. Differentiable.</returns>
    public Tensor Normalise(Tensor samples)
    {
        using var scope = NewDisposeScope();
        return samples.mul(255).sub(_shift).div(_scale).MoveToOuterDisposeScope();
    }

    /// <summary>The same pixels as the prior wants them. Differentiable.</summary>
    public Tensor ToPrior(Tensor normalised)
    {
        using var scope = NewDisposeScope();
        return normalised.mul(_priorScale).add(_priorShift).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var constant in new[] { _scale, _shift, Low, High, _priorScale, _priorShift }) constant.Dispose();
    }

    private static (IReadOnlyList<double> Mean, IReadOnlyList<double> Std) Normalisation(PreprocessorConfig preprocessor) =>
        preprocessor.DoNormalize ? (preprocessor.ImageMean, preprocessor.ImageStd) : ([0, 0, 0], [1, 1, 1]);
}
