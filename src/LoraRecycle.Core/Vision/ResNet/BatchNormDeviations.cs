using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.ResNet;

/// <summary>
/// The deviations of all batch norms on one pass through a network, and their gradient: what each norm sees is kept
/// together with the gradient that its own deviation has there, and one backward pass carries all of them to the pixels.
/// Lives within the scope of that pass.
/// </summary>
/// <param name="groups">How many groups of images the statistics are taken over.</param>
/// <param name="withGradient">Whether there will be a backward pass.</param>
internal sealed class BatchNormDeviations(long groups, bool withGradient)
{
    private readonly List<Tensor> _values = [], _seen = [], _gradients = [];

    public void Add(ResNetNorm norm, Tensor seen)
    {
        var (value, gradient) = norm.Deviation(seen, groups, withGradient);
        _values.Add(value.DetachFromDisposeScope());
        if (gradient is null) return;
        _seen.Add(seen.alias().DetachFromDisposeScope());
        _gradients.Add(gradient.DetachFromDisposeScope());
    }

    /// <returns>[groups]: the sum over norms.</returns>
    public Tensor Sum()
    {
        using var scope = NewDisposeScope();
        var sum = stack(_values).sum(dim: 0).MoveToOuterDisposeScope();
        Drop(_values);
        return sum;
    }

    /// <returns>The gradient of the sum over norms and groups.</returns>
    public Tensor Backward(Tensor pixels)
    {
        var gradient = autograd.grad(_seen, [pixels], _gradients)[0];
        Drop(_seen);
        Drop(_gradients);
        return gradient;
    }

    private static void Drop(List<Tensor> tensors)
    {
        tensors.ForEach(tensor => tensor.Dispose());
        tensors.Clear();
    }
}
