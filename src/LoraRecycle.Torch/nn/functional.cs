using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public enum InterpolationMode
    {
        Nearest = 0,
        Linear = 1,
        Bilinear = 2,
        Bicubic = 3,
    }

    public enum GridSampleMode
    {
        Nearest = 0,
        Bilinear = 2,
    }

    public enum GridSamplePaddingMode
    {
        Zeros = 0,
        Reflection = 1,
        Border = 2,
    }

    public static partial class nn
    {
        public enum Reduction : long
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        public static class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Aten.Linear.Call(input, weights, bias);

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                Aten.LayerNorm.Call(input, normalized_shape, weight, bias, eps);

            public static Tensor batch_norm(
                Tensor input, Tensor running_mean, Tensor running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-5) =>
                Aten.BatchNorm.Call(input, weight, bias, running_mean, running_var, training, momentum, eps, true);

            public static Tensor conv2d(
                Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                Aten.Conv2d.Call(input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1], groups);

            public static Tensor max_pool2d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null) =>
                Aten.MaxPool2d.Call(input, kernel_size, strides ?? kernel_size, padding ?? [0, 0]);

            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) => Aten.AdaptiveAvgPool2d.Call(input, output_size);

            public static Tensor relu(Tensor x) => x.relu();

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true) => Aten.Dropout.Call(input, p, training);

            public static Tensor cross_entropy(
                Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0) =>
                Aten.CrossEntropyLoss.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);

            /// <summary>Kullback-Leibler divergence of log-probabilities. As in TorchSharp, the target is taken as log-probabilities too unless told otherwise.</summary>
            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) =>
                Aten.KlDiv.Call(input, target, (long)reduction, log_target);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Aten.MseLoss.Call(input, target, (long)reduction);

            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1e-12)
            {
                using var norm = Aten.LinalgVectorNorm.Call(input, p, new[] { dim }, true);
                using var bounded = norm.clamp(eps);
                return input.div(bounded);
            }

            /// <summary>
            /// softmax(q k^T / sqrt(d)) v over [.., heads, tokens, d]. libtorch 2.x has one fused operator for it; 1.13 has not,
            /// and takes several.
            /// </summary>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value)
            {
                if (Aten.ScaledDotProductAttention.Exists) return Aten.ScaledDotProductAttention.Call(query, key, value);
                if (Math.Min(query.ndim, Math.Min(key.ndim, value.ndim)) < 2 || !Leading(query).SequenceEqual(Leading(key)) || !Leading(query).SequenceEqual(Leading(value)))
                    throw new LoraRecycle.Torch.TorchException(
                        $"aten::scaled_dot_product_attention(query: {query}, key: {key}, value: {value}): expected [.., heads, tokens, d] with the same leading sizes.");
                using var scope = NewDisposeScope();
                var (rows, columns, size) = (query.shape, key.shape[^2], query.shape[^1]);
                // One copy each makes plain stacks of matrices; the key's is transposed on the way, and the product scales.
                var queries = query.reshape(-1, rows[^2], size);
                var keys = key.transpose(-2, -1).contiguous().view(-1, size, columns);
                var values = value.reshape(-1, columns, value.shape[^1]);
                // Zeros with beta 1: given beta 0, libtorch 1.13 multiplies small fresh results by it, and they may hold NaN.
                var scores = Aten.Baddbmm.Call(zeros([queries.shape[0], rows[^2], columns], query.dtype, query.device), queries, keys, 1, 1 / Math.Sqrt(size));
                return scores.softmax(-1).bmm(values).view([.. rows[..^1], value.shape[^1]]).MoveToOuterDisposeScope();

                static ReadOnlySpan<long> Leading(Tensor tensor) => tensor.shape.AsSpan()[..^2];
            }

            /// <summary>Samples [batch, channels, height, width] at the places of a grid [batch, out height, out width, 2], x first, from -1 to 1.</summary>
            public static Tensor grid_sample(
                Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null) =>
                Aten.GridSampler.Call(input, grid, mode == GridSampleMode.Nearest ? 1 : 0, padding_mode switch
                {
                    GridSamplePaddingMode.Border => 1,
                    GridSamplePaddingMode.Reflection => 2,
                    _ => 0,
                }, align_corners ?? false);

            /// <summary>Resizes [batch, channels, height, width] to <paramref name="size"/>; antialiasing widens the filter when it shrinks, as PIL does.</summary>
            public static Tensor interpolate(
                Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                if (size is null || scale_factor is not null || recompute_scale_factor)
                    throw new NotSupportedException("interpolate: expected 'size'; scale factors are not supported.");
                var aligned = align_corners ?? false;
                return mode switch
                {
                    InterpolationMode.Nearest => Aten.UpsampleNearest2d.Call(x, size),
                    InterpolationMode.Bilinear when antialias => Aten.UpsampleBilinear2dAa.Call(x, size, aligned),
                    InterpolationMode.Bilinear => Aten.UpsampleBilinear2d.Call(x, size, aligned),
                    InterpolationMode.Bicubic when antialias => Aten.UpsampleBicubic2dAa.Call(x, size, aligned),
                    InterpolationMode.Bicubic => Aten.UpsampleBicubic2d.Call(x, size, aligned),
                    _ => throw new NotSupportedException($"interpolate: expected nearest, bilinear or bicubic, got {mode}."),
                };
            }
        }
    }
}
