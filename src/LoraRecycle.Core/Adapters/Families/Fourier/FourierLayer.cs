using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Fourier;

/// <summary>FourierFT (arXiv 2405.03003): W + scale times the real part of a matrix whose two-dimensional spectrum has a few trained
/// entries.</summary>
public sealed class FourierLayer : AdditiveLayer
{
    private readonly Parameter _spectrum;
    private readonly Tensor _places;
    private readonly long _outFeatures;
    private readonly long _inFeatures;
    private readonly double _scale;

    /// <param name="layer">The layer.</param>
    /// <param name="spectrum">The entries, <c>[n]</c>; taken over.</param>
    /// <param name="places">Where each is in the spectrum, counted row by row, <c>[n]</c>, int64; taken over.</param>
    /// <param name="scale">The factor before the change.</param>
    public FourierLayer(AdaptableLayer layer, Tensor spectrum, Tensor places, double scale)
        : base(layer.Name)
    {
        (_outFeatures, _inFeatures, _scale) = (layer.OutFeatures, layer.InFeatures, scale);
        _spectrum = Own("fourierft_spectrum", spectrum);
        _places = Keep("places", places);
    }

    protected override Tensor Change()
    {
        var dense = zeros([_outFeatures * _inFeatures], device: _spectrum.device).scatter(0, _places, _spectrum);
        return real(fft.ifft2(dense.view(_outFeatures, _inFeatures))).mul(_scale);
    }
}
