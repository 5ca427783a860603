using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

public sealed class AttentionTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 1, 17, 1e-5)]
    [InlineData(ScalarType.Float32, 3, 1, 1e-5)] // one query, as the class token's
    [InlineData(ScalarType.BFloat16, 2, 65, 3e-2)]
    [InlineData(ScalarType.Float32, 5, 1100, 1e-5)] // scores of more than one part
    public void Attention_is_libtorchs_whatever_computes_it(ScalarType type, long batch, long queries, double tolerance)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(3);
        const long Heads = 4, Size = 32;
        var tokens = Math.Max(queries, 19);
        Tensor Heads4(long rows) => randn([batch, rows, Heads, Size], generator: generator).transpose(1, 2);
        var (query, key, value) = (Heads4(queries), Heads4(tokens), Heads4(tokens));
        var expected = nn.functional.scaled_dot_product_attention(query, key, value);
        var actual = Attention.Of(query.to(type), key.to(type), value.to(type)).to(float32);
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((actual - expected).abs().max().item<float>() < tolerance);
    }
}
