using LoraRecycle.Core.Foundation.Tensors;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Harness;

/// <summary>Nearest-prototype classification of many episodes at once (Snell et al. 2017, equation 2).</summary>
internal static class Prototypes
{
    /// <param name="support">[episodes, ways * shots, embedding], class by class.</param>
    /// <param name="queries">[episodes, n, embedding].</param>
    /// <param name="ways">Classes.</param>
    /// <returns>[episodes, n, ways]: minus the squared distance to each class's mean, up to what all classes of a query share.</returns>
    public static Tensor Logits(Tensor support, Tensor queries, int ways)
    {
        using var scope = NewDisposeScope();
        var means = Means(support, ways);
        return (queries.Times(means.mT) * 2 - means.square().sum(-1).unsqueeze(1)).MoveToOuterDisposeScope();
    }

    /// <returns>[episodes, ways, embedding].</returns>
    public static Tensor Means(Tensor support, int ways) => support.view(support.shape[0], ways, -1, support.shape[^1]).mean([2]);
}
