using LoraRecycle.Core.Method.Tuning.Layers;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Updates;

/// <summary>LoRA-Pro, efficient: Adam sees the changes of <see cref="ProGradients"/> in place of the gradients.</summary>
internal sealed class ProUpdate(IReadOnlyList<TunedLayer> layers) : IUpdate
{
    public void Before(int step)
    {
        using var withoutGrad = no_grad();
        foreach (var layer in layers)
        {
            using var scope = NewDisposeScope();
            var (a, b) = (layer.A!, layer.B!);
            var changes = ProGradients.Of(a, b, a.grad!, b.grad!, layer.Scale);
            a.grad!.copy_(changes.A);
            b.grad!.copy_(changes.B);
        }
    }

    public void After(int step)
    {
    }
}
