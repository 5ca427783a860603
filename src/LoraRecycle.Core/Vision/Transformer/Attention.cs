using LoraRecycle.Core.Foundation.Tensors;
using LoraRecycle.Core.Vision.Cpu;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>Scaled dot-product attention of a model that serves: libtorch's fused one, or where it is faster, on a CPU, two products and a
/// softmax.</summary>
internal static class Attention
{
    /// <summary>What the scores of one part of a batch may take, which the fused one never holds at once.</summary>
    private const long MaxScoreBytes = 64 << 20;

    /// <param name="query">[batch, heads, queries, head].</param>
    /// <param name="key">[batch, heads, tokens, head].</param>
    /// <param name="value">[batch, heads, tokens, head].</param>
    /// <returns>[batch, heads, queries, head].</returns>
    public static Tensor Of(Tensor query, Tensor key, Tensor value)
    {
        if (!CpuKernels.Accept(query) || key.shape[2] > SoftmaxKernel.LongestRow)
            return nn.functional.scaled_dot_product_attention(query, key, value);

        using var scope = NewDisposeScope();
        var (batch, scoresOfOne) = (query.shape[0], query.shape[1] * query.shape[2] * key.shape[2] * query.element_size());
        var part = Math.Clamp(MaxScoreBytes / scoresOfOne, 1, batch);
        if (part == batch) return Unfused(query, key, value).MoveToOuterDisposeScope();

        var parts = new List<Tensor>();
        for (long start = 0; start < batch; start += part)
        {
            var length = Math.Min(part, batch - start);
            parts.Add(Unfused(query.narrow(0, start, length), key.narrow(0, start, length), value.narrow(0, start, length)));
        }
        return cat(parts).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What one query of each image attends to. On a CPU it is asked four times, which is as fast: MKL sums the products of a
    /// single row in an order that depends on where the tensor lies, so on what else is in the batch.
    /// </summary>
    /// <param name="query">[batch, heads, 1, head].</param>
    /// <param name="key">[batch, heads, tokens, head].</param>
    /// <param name="value">[batch, heads, tokens, head].</param>
    /// <returns>[batch, heads, 1, head].</returns>
    public static Tensor OfOne(Tensor query, Tensor key, Tensor value)
    {
        if (query.device.type != TorchSharp.DeviceType.CPU) return Of(query, key, value);
        using var scope = NewDisposeScope();
        return Of(query.expand(-1, -1, 4, -1), key, value).narrow(2, 0, 1).MoveToOuterDisposeScope();
    }

    private static Tensor Unfused(Tensor query, Tensor key, Tensor value)
    {
        using var scope = NewDisposeScope();
        var scores = query.Times(key.transpose(2, 3));
        CpuKernels.SoftmaxInPlace(scores, (float)(1 / Math.Sqrt(query.shape[^1])));
        return scores.Times(value).MoveToOuterDisposeScope();
    }
}
