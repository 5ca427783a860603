using LoraRecycle.Core.Method.Distillation.Steps;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Distillation;

public class LineDrawingTests
{
    [Theory]
    [InlineData(0.0f, 1.0f)]
    [InlineData(0.9f, 0.2f)]
    public void Only_edges_are_dark_whichever_side_of_them_is_lighter(float inside, float outside)
    {
        using var scope = NewDisposeScope();
        using var lines = new LineDrawing(CPU);
        var picture = full([1, 3, 32, 32], outside);
        picture.narrow(2, 10, 12).narrow(3, 10, 12).fill_(inside);
        var drawn = lines.Of(picture);
        Assert.Equal([1, 1, 32, 32], drawn.shape);
        Assert.True(drawn[0, 0, 16, 10].item<float>() < 0.1f, "an edge is dark");
        Assert.True(drawn[0, 0, 16, 16].item<float>() > 0.9f, "the inside is white");
        Assert.True(drawn[0, 0, 4, 4].item<float>() > 0.9f, "the outside is white");
        Assert.True(drawn.narrow(2, 0, 2).min().item<float>() == 1, "the border is white");
    }

    [Fact]
    public void An_image_is_a_line_drawing_only_where_it_is_said_to_be()
    {
        using var scope = NewDisposeScope();
        using var lines = new LineDrawing(CPU);
        using var generator = new Generator(3);
        var bytes = rand([1, 3, 16, 16], generator: generator).mul(255).to(ScalarType.Byte);
        var same = new[] { 1f, 0, 0, 0, 1, 0 };
        var views = new ImageViews(
            tensor(new long[] { 0, 0 }), tensor(same.Concat(same).ToArray(), [2, 2, 3]),
            tensor(new[] { 1f, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0 }, [1, 3, 4]).expand(2, -1, -1), tensor(new[] { 0f, 1f }), zeros([2]));
        var seen = views.See(bytes, 16, lines, coarse: false);
        var plain = bytes.to(ScalarType.Float32).div(255);
        Assert.True(allclose(seen[0], plain[0], rtol: 0, atol: 1e-5));
        Assert.True(allclose(seen[1], lines.Of(plain)[0].expand(3, -1, -1), rtol: 0, atol: 1e-4));
    }
}
