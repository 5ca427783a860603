using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision;

/// <summary>Where a transformer takes its weights from while it is built.</summary>
public interface IWeightSource
{
    /// <summary>The tensor of a path such as <c>layers.0.q.weight</c>, owned by the caller.</summary>
    /// <exception cref="ModelException">It is missing or has another shape.</exception>
    Tensor Take(string name, params long[] shape);
}
