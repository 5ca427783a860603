using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Safetensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.ResNet;

/// <summary>
/// How unnatural images look to a residual network (R_BN of LoRA Inversion, eq. 3; DeepInversion, arXiv 1912.08795): the
/// sum, over its batch norms, of the L2 distances of the batch's channel means and variances to the stored ones.
/// Differentiable in the pixels; the network is frozen, and goes no further than its last batch norm.
/// </summary>
public sealed class BatchNormPrior : WeightedModule<Tensor, Tensor>
{
    private const int Stem = 64;

    private readonly Parameter _convolution;
    private readonly ResNetNorm _norm;
    private readonly ResNetBlock[] _blocks;

    /// <param name="weights">Where the parameters come from; device and dtype are the source's.</param>
    /// <param name="layout">The network's shape.</param>
    public BatchNormPrior(IWeightSource weights, ResNetLayout layout) : base("")
    {
        weights = new ConvolutionWeights(weights);
        Layout = layout;
        _convolution = Take(weights, "conv1.weight", Stem, 3, 7, 7);
        _norm = Add("bn1", new ResNetNorm(weights, "bn1", Stem));
        var blocks = from stage in Enumerable.Range(0, ResNetLayout.StageCount)
                     from block in Enumerable.Range(0, layout.Blocks[stage])
                     select new ResNetBlock(weights, $"layer{stage + 1}.{block}", layout, stage, block);
        _blocks = [.. blocks];
        for (var i = 0; i < _blocks.Length; i++)
            register_module($"block{i}", _blocks[i]);
    }

    public ResNetLayout Layout { get; }

    /// <summary>How the network wants its pixels normalised; null where nothing says so, as beside torchvision's own weights.</summary>
    public PreprocessorConfig? Preprocessor { get; private init; }

    /// <summary>Loads any ResNet that torchvision saved (18, 34, 50, 101, 152 layers, ResNeXt, wide) as safetensors.</summary>
    /// <param name="path">The file, or a directory with <c>model.safetensors</c> and, where pixels are not normalised as torchvision
    /// does, <c>preprocessor_config.json</c>.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="dtype">In what precision to convolve, by default float32 in host memory and bfloat16 on a GPU; statistics are compared
    /// in float32 at least.</param>
    /// <exception cref="ModelException">The file is no such network, or what says how pixels are normalised cannot be used.</exception>
    /// <exception cref="SafetensorsException">The file is damaged.</exception>
    public static BatchNormPrior Load(string path, Device device, ScalarType? dtype = null)
    {
        using var checkpoint = SafetensorsCheckpoint.Open(path);
        var precision = dtype ?? (device.type == TorchSharp.DeviceType.CPU ? ScalarType.Float32 : ScalarType.BFloat16);
        var weights = new ResNetWeights(checkpoint, device, precision);
        var preprocessor = ReadPreprocessor(path);
        var prior = new BatchNormPrior(weights, ResNetLayout.Of(checkpoint)) { Preprocessor = preprocessor };
        try
        {
            weights.RefuseUnused();
            return prior;
        }
        catch
        {
            prior.Dispose();
            throw;
        }
    }

    /// <param name="input">[batch, 3, height, width], normalised as the network was trained.</param>
    /// <returns>R_BN, a scalar, with the statistics taken over the whole batch.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return forward(input, groups: 1).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>R_BN of several batches at once, each with statistics of its own.</summary>
    /// <param name="input">[groups * n, 3, height, width]; a group's images follow each other.</param>
    /// <param name="groups">How many groups there are.</param>
    /// <returns>[groups].</returns>
    /// <exception cref="ModelException">The images do not divide into groups, or are not of three channels.</exception>
    public Tensor forward(Tensor input, long groups)
    {
        var shape = input.shape;
        if (shape is not [> 0, 3, > 0, > 0] || groups < 1 || shape[0] % groups != 0)
            throw new ModelException(
                $"Expected images [{groups} * n, 3, height, width] for {groups} groups, got [{string.Join(", ", shape)}]."
            );
        using var scope = NewDisposeScope();
        var pixels = ConvolutionWeights.Arranged(input.detach().to(_convolution.dtype));
        if (!is_grad_enabled() || !input.requires_grad)
            return Measure(pixels, new BatchNormDeviations(groups, withGradient: false)).MoveToOuterDisposeScope();

        pixels = pixels.detach().requires_grad_();
        var deviations = new BatchNormDeviations(groups, withGradient: true);
        var values = Measure(pixels, deviations);
        var gradient = deviations.Backward(pixels).to(input.dtype);
        // A term whose gradient is the one found and whose value is none.
        var slope = input.mul(gradient).view(groups, -1).sum(dim: 1);
        return values.add((slope - slope.detach()).to(values.dtype)).MoveToOuterDisposeScope();
    }

    private static PreprocessorConfig? ReadPreprocessor(string path)
    {
        try
        {
            return Directory.Exists(path) && PreprocessorConfig.PathIn(path) is { } file ? PreprocessorConfig.Read(file) : null;
        }
        catch (InvalidDataException wrong)
        {
            throw new ModelException(wrong.Message, wrong);
        }
    }

    private Tensor Measure(Tensor pixels, BatchNormDeviations deviations)
    {
        using var scope = NewDisposeScope();
        var hidden = nn.functional.conv2d(pixels, _convolution, strides: [2, 2], padding: [3, 3]);
        deviations.Add(_norm, hidden);
        Tensor? output = nn.functional.max_pool2d(_norm.call(hidden).relu_(), [3, 3], [2, 2], [1, 1]);
        for (var i = 0; i < _blocks.Length; i++)
            output = _blocks[i].Follow(output!, deviations, isLast: i == _blocks.Length - 1);
        return deviations.Sum().MoveToOuterDisposeScope();
    }
}
