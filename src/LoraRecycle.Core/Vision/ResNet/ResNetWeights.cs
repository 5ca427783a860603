using LoraRecycle.Core.Safetensors;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.ResNet;

/// <summary>
/// A torchvision checkpoint's weights, checked for presence, shape and finite values. Norms are never
/// narrower than float32: their statistics are what images are compared with.
/// </summary>
internal sealed class ResNetWeights(SafetensorsCheckpoint checkpoint, Device device, ScalarType dtype) : IWeightSource
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public Tensor Take(string name, params long[] shape)
    {
        if (!checkpoint.Entries.TryGetValue(name, out var entry))
            throw new ModelException(
                $"{checkpoint.Paths[0]} is not a prior: it has no tensor '{name}', which a torchvision ResNet of its depth has."
            );
        if (!entry.Shape.SequenceEqual(shape))
            throw new ModelException(
                $"{checkpoint.Paths[0]} is not a prior: tensor '{name}' has shape {entry.ShapeText}; a torchvision ResNet has "
                    + $"[{string.Join(", ", shape)}] there."
            );
        if (!entry.IsOfWeights)
            throw new ModelException(
                $"{checkpoint.Paths[0]}: tensor '{entry.Name}' has type {entry.DType}; expected F32, F16, BF16 or F64. Use a prior that "
                    + "was not quantised."
            );
        using var scope = NewDisposeScope();
        using var withoutGrad = no_grad();
        var tensor = checkpoint.Read(name, ScalarType.Float32);
        if (
            !tensor.isfinite().all().item<bool>()
            || (name.EndsWith("running_var", StringComparison.Ordinal) && tensor.min().item<float>() < 0)
        )
            throw new ModelException(
                $"{checkpoint.Paths[0]}: tensor '{name}' has values that are NaN or infinite, or variances that are negative; the "
                    + "file is damaged."
            );
        _taken.Add(name);
        return tensor.to(shape.Length == 1 && dtype != ScalarType.Float64 ? ScalarType.Float32 : dtype, device).MoveToOuterDisposeScope();
    }

    /// <summary>Refuses a network that has more in it than a ResNet, and so computes something else.</summary>
    /// <exception cref="ModelException">Tensors are left that are neither the classifier nor counters.</exception>
    public void RefuseUnused()
    {
        string[] unused =
        [
            .. checkpoint
                .Entries.Keys.Where(name =>
                    !_taken.Contains(name)
                    && !name.StartsWith("fc.", StringComparison.Ordinal)
                    && !name.EndsWith("num_batches_tracked", StringComparison.Ordinal)
                )
                .Order(StringComparer.Ordinal),
        ];
        if (unused.Length > 0)
            throw new ModelException(
                $"{checkpoint.Paths[0]} is not a prior: a torchvision ResNet has no tensor '{unused[0]}' ({unused.Length} such)."
            );
    }
}
