using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Tests.Safetensors;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.ResNet;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>
/// A residual network in plain loops over doubles, read from the same file but sharing no code with the one under test:
/// what it is depends on the tensors' names alone.
/// </summary>
internal sealed class ResNetOfLoops(string path)
{
    private readonly SafetensorsFile _file = SafetensorsFile.Open(path);
    private double _deviation;

    /// <summary>Small networks of every kind.</summary>
    public static IReadOnlyDictionary<string, Kind> Layouts { get; } = new Dictionary<string, Kind>
    {
        ["basic"] = new([1, 2, 1, 1], IsBottleneck: false),
        ["bottleneck"] = new([1, 1, 1, 2], IsBottleneck: true),
        ["grouped"] = new([1, 1, 1, 1], IsBottleneck: true, Groups: 32, Width: 128),
    };

    public double Deviation(Tensor images)
    {
        using (_file)
        {
            var shape = images.shape;
            var x = new Maps(shape[0], shape[1], shape[2], shape[3], [.. images.data<float>().ToArray().Select(value => (double)value)]);
            x = MaxPool(Relu(Norm("bn1", Convolve(x, "conv1", stride: 2))));
            for (var stage = 1; stage <= 4; stage++)
                for (var block = 0; _file.Entries.ContainsKey($"layer{stage}.{block}.conv1.weight"); block++)
                    x = Block(x, $"layer{stage}.{block}", stage > 1 && block == 0 ? 2 : 1);
            return _deviation;
        }
    }

    private Maps Block(Maps x, string at, int stride)
    {
        var bottleneck = _file.Entries.ContainsKey($"{at}.conv3.weight");
        var y = Norm($"{at}.bn1", Convolve(x, $"{at}.conv1", bottleneck ? 1 : stride));
        y = Norm($"{at}.bn2", Convolve(Relu(y), $"{at}.conv2", bottleneck ? stride : 1));
        if (bottleneck)
            y = Norm($"{at}.bn3", Convolve(Relu(y), $"{at}.conv3", 1));
        if (_file.Entries.ContainsKey($"{at}.downsample.0.weight"))
            x = Norm($"{at}.downsample.1", Convolve(x, $"{at}.downsample.0", stride));
        return Relu(y with { Values = [.. y.Values.Zip(x.Values, (a, b) => a + b)] });
    }

    private Maps Convolve(Maps x, string name, int stride)
    {
        var (w, shape) = (Values($"{name}.weight"), _file.Entries[$"{name}.weight"].Shape);
        var (outgoing, inGroup, kernel) = (shape[0], shape[1], shape[2]);
        var padding = kernel / 2;
        var perGroup = outgoing / (x.Channels / inGroup);
        var (height, width) = (((x.Height - 1) / stride) + 1, ((x.Width - 1) / stride) + 1);
        var y = new Maps(x.Batch, outgoing, height, width, new double[x.Batch * outgoing * height * width]);
        Parallel.For(0, x.Batch * outgoing, plane =>
        {
            var (n, o) = (plane / outgoing, plane % outgoing);
            for (long i = 0; i < height; i++)
                for (long j = 0; j < width; j++)
                {
                    double sum = 0;
                    for (long c = 0; c < inGroup; c++)
                        for (long a = 0; a < kernel; a++)
                            for (long b = 0; b < kernel; b++)
                            {
                                var (row, column) = ((i * stride) + a - padding, (j * stride) + b - padding);
                                if (row >= 0 && column >= 0 && row < x.Height && column < x.Width)
                                    sum +=
                                        w[(((((o * inGroup) + c) * kernel) + a) * kernel) + b]
                                        * x[n, (o / perGroup * inGroup) + c, row, column];
                            }
                    y.Values[(((plane * height) + i) * width) + j] = sum;
                }
        });
        return y;
    }

    private Maps Norm(string name, Maps x)
    {
        var (weight, bias, mean, variance) = (
            Values($"{name}.weight"),
            Values($"{name}.bias"),
            Values($"{name}.running_mean"),
            Values($"{name}.running_var")
        );
        double means = 0,
            variances = 0;
        var y = new double[x.Values.Length];
        for (long c = 0; c < x.Channels; c++)
        {
            var samples = new List<double>();
            for (long n = 0; n < x.Batch; n++)
                for (long i = 0; i < x.Height; i++)
                    for (long j = 0; j < x.Width; j++)
                    {
                        samples.Add(x[n, c, i, j]);
                        y[x.Index(n, c, i, j)] = ((x[n, c, i, j] - mean[c]) / Math.Sqrt(variance[c] + 1e-5) * weight[c]) + bias[c];
                    }
            var average = samples.Average();
            means += Math.Pow(average - mean[c], 2);
            variances += Math.Pow(samples.Average(sample => (sample - average) * (sample - average)) - variance[c], 2);
        }
        _deviation += Math.Sqrt(means) + Math.Sqrt(variances);
        return x with { Values = y };
    }

    private static Maps MaxPool(Maps x)
    {
        var (height, width) = (((x.Height - 1) / 2) + 1, ((x.Width - 1) / 2) + 1);
        var y = new Maps(x.Batch, x.Channels, height, width, new double[x.Batch * x.Channels * height * width]);
        for (long n = 0; n < x.Batch; n++)
            for (long c = 0; c < x.Channels; c++)
                for (long i = 0; i < height; i++)
                    for (long j = 0; j < width; j++)
                    {
                        var best = double.NegativeInfinity;
                        for (var a = Math.Max(0, (2 * i) - 1); a <= Math.Min(x.Height - 1, (2 * i) + 1); a++)
                            for (var b = Math.Max(0, (2 * j) - 1); b <= Math.Min(x.Width - 1, (2 * j) + 1); b++)
                                best = Math.Max(best, x[n, c, a, b]);
                        y.Values[y.Index(n, c, i, j)] = best;
                    }
        return y;
    }

    private static Maps Relu(Maps x) => x with { Values = [.. x.Values.Select(value => Math.Max(0, value))] };

    private double[] Values(string name)
    {
        using var tensor = _file.Read(name, ScalarType.Float64);
        return tensor.data<double>().ToArray();
    }

    /// <summary>What a network of random weights looks like, written as torchvision names its tensors.</summary>
    internal sealed record Kind(int[] Blocks, bool IsBottleneck, int Groups = 1, int Width = 64)
    {
        public string Write(ScratchFolder folder, Action<Dictionary<string, Tensor>>? change = null)
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator(12);
            var layout = new ResNetLayout { Blocks = Blocks, IsBottleneck = IsBottleneck, Groups = Groups, Width = Width };
            var recorder = new Recorder(generator);
            using (new BatchNormPrior(recorder, layout))
                change?.Invoke(recorder.Taken);
            recorder.Taken["fc.weight"] = zeros(2, 2);
            var path = folder.PathOf("model.safetensors");
            SafetensorsWriter.Write(path, recorder.Taken.Select(pair => (pair.Key, pair.Value)));
            return path;
        }
    }

    /// <summary>Random weights whose activations neither die nor explode, kept under the names they were asked for by.</summary>
    private sealed class Recorder(Generator generator) : IWeightSource
    {
        public Dictionary<string, Tensor> Taken { get; } = [];

        public Tensor Take(string name, params long[] shape)
        {
            var values = shape.Length > 1
                ? randn(shape, generator: generator).mul_(Math.Sqrt(2.0 / (shape[1] * shape[2] * shape[3])))
                : name.EndsWith("var", StringComparison.Ordinal) || name.EndsWith("weight", StringComparison.Ordinal)
                    ? rand(shape, generator: generator).add_(0.5)
                    : randn(shape, generator: generator).mul_(0.3);
            Taken[name] = values;
            return values.clone();
        }
    }

    private sealed record Maps(long Batch, long Channels, long Height, long Width, double[] Values)
    {
        public double this[long n, long c, long i, long j] => Values[Index(n, c, i, j)];

        public long Index(long n, long c, long i, long j) => (((((n * Channels) + c) * Height) + i) * Width) + j;
    }
}
