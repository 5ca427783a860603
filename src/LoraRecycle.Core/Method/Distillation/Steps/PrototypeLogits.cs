using LoraRecycle.Core.Foundation.Tensors;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Steps;

/// <summary>The differentiable form of nearest-prototype classification (the paper's equation for meta-training).</summary>
public static class PrototypeLogits
{
    /// <param name="support">[episodes, ways * shots, embedding], class by class.</param>
    /// <param name="queries">[episodes, queries, embedding].</param>
    /// <param name="ways">Classes of an episode.</param>
    /// <param name="temperature">What distances are divided by.</param>
    /// <returns>[episodes, queries, ways]: minus the squared distance to each class's mean, divided by the temperature.</returns>
    public static Tensor Of(Tensor support, Tensor queries, int ways, double temperature = 1)
    {
        using var scope = NewDisposeScope();
        var prototypes = support.view(support.shape[0], ways, -1, support.shape[2]).mean([2]);
        // |q - p|^2 less |q|^2, which a softmax over classes does not see.
        var products = queries.Times(prototypes.mT) * 2;
        return ((products - prototypes.square().sum(2).unsqueeze(1)) / temperature).MoveToOuterDisposeScope();
    }
}
