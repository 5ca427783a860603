using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.ResNet;

/// <summary>One residual block, followed no further than its batch norms need.</summary>
internal sealed class ResNetBlock : WeightedModule<Tensor, Tensor>
{
    private readonly Layer[] _layers;
    private readonly Layer? _downsample;

    public ResNetBlock(IWeightSource weights, string path, ResNetLayout layout, int stage, int block) : base(path)
    {
        var (incoming, inner, outgoing) = (layout.InChannels(stage, block), layout.InnerChannels(stage), layout.OutChannels(stage));
        var stride = stage > 0 && block == 0 ? 2 : 1;
        _layers = layout.IsBottleneck
            ?
            [
                Build("conv1", "bn1", incoming, inner, kernel: 1, stride: 1),
                Build("conv2", "bn2", inner, inner, kernel: 3, stride, layout.Groups),
                Build("conv3", "bn3", inner, outgoing, kernel: 1, stride: 1),
            ]
            : [Build("conv1", "bn1", incoming, inner, kernel: 3, stride), Build("conv2", "bn2", inner, outgoing, kernel: 3, stride: 1)];
        if (stride != 1 || incoming != outgoing)
            _downsample = Build("downsample.0", "downsample.1", incoming, outgoing, kernel: 1, stride);

        Layer Build(string convolution, string norm, int from, int to, int kernel, int stride, int groups = 1) => new(
            Take(weights, $"{convolution}.weight", to, from / groups, kernel, kernel),
            Add(norm.Replace('.', '_'), new ResNetNorm(weights, $"{path}.{norm}", to)), kernel / 2, stride, groups);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => Follow(input, new BatchNormDeviations(groups: 1, withGradient: false), isLast: false)!;

    /// <param name="input">[groups * n, channels, height, width].</param>
    /// <param name="deviations">Told what comes before each norm.</param>
    /// <param name="isLast">Whether nothing comes after; then there is no output, and what only the output needs is left out.</param>
    /// <returns>The block's output.</returns>
    public Tensor? Follow(Tensor input, BatchNormDeviations deviations, bool isLast)
    {
        using var scope = NewDisposeScope();
        var hidden = Measured(_layers[0], input);
        for (var i = 1; i < _layers.Length; i++)
            hidden = Measured(_layers[i], _layers[i - 1].Norm.call(hidden).relu_());

        var projected = _downsample is null ? null : Measured(_downsample, input);
        if (isLast) return null;
        var identity = projected is null ? input : _downsample!.Norm.call(projected);
        return _layers[^1].Norm.call(hidden).add_(identity).relu_().MoveToOuterDisposeScope();

        Tensor Measured(Layer layer, Tensor images)
        {
            var convolved = layer.Convolve(images);
            deviations.Add(layer.Norm, convolved);
            return convolved;
        }
    }

    private sealed record Layer(Parameter Weight, ResNetNorm Norm, long Padding, long Stride, long Groups)
    {
        public Tensor Convolve(Tensor input) => Weight.shape[2] == 1 && input.device.type == TorchSharp.DeviceType.CPU
            ? Product(input)
            : nn.functional.conv2d(input, Weight, strides: [Stride, Stride], padding: [Padding, Padding], groups: Groups);

        /// <summary>A convolution of single pixels is a matrix product. On a CPU it is written as one: oneDNN's gradient of it ends the
        /// process on processors with AMX, with a division by zero, for some sizes (25 images of 64 pixels in a bottleneck network).
        /// </summary>
        private Tensor Product(Tensor input)
        {
            using var scope = NewDisposeScope();
            var seen = Stride == 1 ? input : input.slice(2, 0, input.shape[2], Stride).slice(3, 0, input.shape[3], Stride);
            // One product for all images: the weight is not copied for each.
            var product = nn.functional.linear(seen.permute(0, 2, 3, 1), Weight.flatten(1));
            return product.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
        }
    }
}
