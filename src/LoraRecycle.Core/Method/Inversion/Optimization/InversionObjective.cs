using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Foundation.Tensors;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.ResNet;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion.Optimization;

/// <summary>
/// What inversion makes small, for several LoRAs at once: CE(h(f_LoRA(X)), Y) + alpha R_BN(X) (LoRA Recycle, eq. 3), and,
/// where it is wanted, how alike the embeddings of a class are. Every LoRA's loss depends on its own images alone.
/// </summary>
internal sealed class InversionObjective : IDisposable
{
    private readonly FusedTransformer _model;
    private readonly BatchNormPrior? _prior;
    private readonly PixelSpace _pixels;
    private readonly InversionSettings _settings;
    private readonly ScalarType _dtype;
    private readonly Tensor _headWeight, _headBias, _targets, _sameClass;
    private readonly int _groups;

    /// <param name="model">With the LoRAs attached; what is attached later does not matter.</param>
    /// <param name="prior">Null for no R_BN.</param>
    /// <param name="pixels">The model's pixels.</param>
    /// <param name="heads">One a LoRA, all of as many classes.</param>
    /// <param name="targets">[n, classes], the same for all.</param>
    /// <param name="settings">The weights of the parts.</param>
    public InversionObjective(
        VisionTransformer model,
        BatchNormPrior? prior,
        PixelSpace pixels,
        IReadOnlyList<ClassificationHead> heads,
        Tensor targets,
        InversionSettings settings
    )
    {
        (_prior, _pixels, _settings, _groups, _dtype) = (prior, pixels, settings, heads.Count, model.Embeddings.Weight.dtype);
        _model = new FusedTransformer(model);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        _headWeight = Keep(stack(heads.Select(head => head.Weight.T.to(ScalarType.Float32, pixels.Device))));
        _headBias = Keep(stack(heads.Select(head =>
            (head.Bias ?? zeros([head.Classes])).to(ScalarType.Float32, pixels.Device).unsqueeze(0))));
        _targets = Keep(targets.to(ScalarType.Float32, pixels.Device, copy: true));
        var labels = _targets.argmax(1);
        var same = labels.unsqueeze(0).eq(labels.unsqueeze(1)).to(ScalarType.Float32);
        var pairs = same.sub(same.diag().diag());
        _sameClass = Keep(pairs / pairs.sum().clamp(min: 1));

        static Tensor Keep(Tensor value) => value.contiguous().detach().DetachFromDisposeScope();
    }

    /// <param name="seen">[groups * n, 3, side, side], float32, normalised.</param>
    /// <param name="pruning">Which tokens leave on the way.</param>
    /// <returns>[groups], float32.</returns>
    public Tensor Losses(Tensor seen, TokenPruning pruning)
    {
        using var scope = NewDisposeScope();
        var embeddings = _model.Embed(seen.to(_dtype), pruning).to(ScalarType.Float32).view(_groups, -1, _headWeight.shape[1]);
        var logits = BatchedProduct.Add(_headBias, embeddings, _headWeight);
        var losses = logits.log_softmax(-1).mul(_targets).sum(-1).mean([1]).neg();
        if (_prior is not null && _settings.PriorWeight > 0)
            losses = losses.add(_prior.forward(_pixels.ToPrior(seen), _groups).to(ScalarType.Float32), _settings.PriorWeight);
        if (_settings.DiversityWeight > 0)
        {
            var directions = embeddings / embeddings.square().sum(-1, keepdim: true).clamp(min: 1e-12).sqrt();
            losses = losses.add(directions.bmm(directions.mT).square().mul(_sameClass).sum([1, 2]), _settings.DiversityWeight);
        }
        return losses.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _model.Dispose();
        foreach (var constant in new[] { _headWeight, _headBias, _targets, _sameClass }) constant.Dispose();
    }
}
