using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Steps;

/// <summary>Turns pictures into line drawings: white, but for edges that stand out from the picture's own average. Owns its
/// tensors.</summary>
internal sealed class LineDrawing(Device device) : IDisposable
{
    private readonly Tensor _luma = tensor(new[] { 0.299f, 0.587f, 0.114f }, [1, 3, 1, 1]).to(device).DetachFromDisposeScope();
    private readonly Tensor _blur = tensor(new[] { 1f, 2, 1, 2, 4, 2, 1, 2, 1 }.Select(weight => weight / 16).ToArray(), [1, 1, 3, 3])
        .to(device)
        .DetachFromDisposeScope();

    /// <param name="pictures">[batch, 3, size, size], from 0 to 1.</param>
    /// <returns>[batch, 1, size, size], from 0 to 1.</returns>
    public Tensor Of(Tensor pictures)
    {
        using var scope = NewDisposeScope();
        var size = pictures.shape[2];
        var grey = pictures.mul(_luma).sum(1, keepdim: true);
        var smooth = nn.functional.conv2d(grey, _blur, padding: [1, 1]);
        // The outermost pixels have no neighbours to differ from, and the blur darkened those next to them.
        var (inner, middle) = (size - 4, smooth.narrow(2, 1, size - 2).narrow(3, 1, size - 2));
        var across = middle.narrow(2, 1, inner).narrow(3, 2, inner).sub(middle.narrow(2, 1, inner).narrow(3, 0, inner));
        var down = middle.narrow(2, 2, inner).narrow(3, 1, inner).sub(middle.narrow(2, 0, inner).narrow(3, 1, inner));
        var edge = across.square().add(down.square()).add(1e-8).sqrt();
        var ink = edge.div(edge.mean([2, 3], keepdim: true)).sub(1.5).mul(6).sigmoid();
        var lines = ones_like(grey);
        lines.narrow(2, 2, inner).narrow(3, 2, inner).sub_(ink);
        return lines.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _luma.Dispose();
        _blur.Dispose();
    }
}
