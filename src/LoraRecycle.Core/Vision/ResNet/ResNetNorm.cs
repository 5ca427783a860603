using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.ResNet;

/// <summary>A batch normalisation with its stored statistics: what natural images look like to the layer before it.</summary>
internal sealed class ResNetNorm : WeightedModule<Tensor, Tensor>
{
    private readonly Parameter _weight, _bias, _mean, _variance;

    public ResNetNorm(IWeightSource weights, string path, int channels) : base(path)
    {
        _weight = Take(weights, "weight", channels);
        _bias = Take(weights, "bias", channels);
        _mean = Take(weights, "running_mean", channels);
        _variance = Take(weights, "running_var", channels);
    }

    /// <summary>Normalises by the stored statistics, not by the batch's.</summary>
    /// <param name="input">[batch, channels, height, width].</param>
    public override Tensor forward(Tensor input) => nn.functional.batch_norm(input, _mean, _variance, _weight, _bias);

    /// <summary>How far each group's statistics are from the stored ones: the L2 distance of the means plus that of the
    /// variances.</summary>
    /// <param name="input">[groups * n, channels, height, width].</param>
    /// <param name="groups">How many groups of successive images there are.</param>
    /// <param name="withGradient">Whether the gradient is wanted.</param>
    /// <returns>
    /// [groups], in the norm's precision, and the gradient of their sum in the input, in the input's. Neither is part of a
    /// graph: written out, the gradient is one affine map of the input, where automatic differentiation takes seven passes
    /// over it.
    /// </returns>
    public (Tensor Deviation, Tensor? Gradient) Deviation(Tensor input, long groups, bool withGradient)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var shape = input.shape;
        var grouped = input.detach().view(groups, shape[0] / groups, shape[1], shape[2], shape[3]);
        var count = grouped.numel() / (groups * shape[1]);
        var (mean, variance) = Statistics(grouped, count);
        var (fromMean, fromVariance) = (mean - _mean, variance - _variance);
        var (meanLength, varianceLength) = (fromMean.norm(1, keepdim: true), fromVariance.norm(1, keepdim: true));
        var deviation = (meanLength + varianceLength).squeeze(1).MoveToOuterDisposeScope();
        if (!withGradient) return (deviation, null);

        // d|m - mu| / dx = (m - mu) / |m - mu| / count, and d|v - s| / dx = 2 (x - m) (v - s) / |v - s| / count.
        var slope = fromVariance / varianceLength.clamp(min: float.Epsilon) * (2.0 / count);
        var offset = (fromMean / meanLength.clamp(min: float.Epsilon) / count) - (slope * mean);
        var gradient = PerChannel(offset).addcmul(PerChannel(slope), grouped, 1).flatten(0, 1);
        return (deviation, gradient.MoveToOuterDisposeScope());

        Tensor PerChannel(Tensor values) => values.to(input.dtype).view(groups, 1, shape[1], 1, 1);
    }

    /// <returns>[groups, channels] each, in the norm's precision.</returns>
    private (Tensor Mean, Tensor Variance) Statistics(Tensor grouped, long count)
    {
        if (grouped.dtype == _mean.dtype)
        {
            var (variance, mean) = grouped.var_mean([1, 3, 4], unbiased: false);
            return (mean, variance);
        }
        // The variance of narrow numbers would come out as narrow as they are; sums of them need not.
        var narrowMean = grouped.mean([1, 3, 4], type: _mean.dtype);
        return (narrowMean, grouped.to(_mean.dtype).square().sum([1, 3, 4]).div_(count).sub_(narrowMean.square()));
    }
}
