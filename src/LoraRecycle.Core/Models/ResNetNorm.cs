using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Models;

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

    /// <summary>How far each group's statistics are from the stored ones: the L2 distance of the means plus that of the variances.</summary>
    /// <param name="input">[groups * n, channels, height, width].</param>
    /// <param name="groups">How many groups of successive images there are.</param>
    /// <returns>[groups], in the norm's precision.</returns>
    public Tensor Deviation(Tensor input, long groups)
    {
        using var scope = NewDisposeScope();
        var shape = input.shape;
        var grouped = input.view(groups, shape[0] / groups, shape[1], shape[2], shape[3]);
        var mean = grouped.mean([1, 3, 4], type: _mean.dtype);
        var variance = grouped.var([1, 3, 4], unbiased: false).to(_mean.dtype);
        return (Length(mean - _mean) + Length(variance - _variance)).MoveToOuterDisposeScope();

        static Tensor Length(Tensor rows) => rows.norm(1);
    }
}
