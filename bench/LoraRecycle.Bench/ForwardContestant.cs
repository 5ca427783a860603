using System.Diagnostics;
using System.Globalization;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Bench;

/// <summary>Runs the serving forward pass on random pixels for a given time and tells the seconds a batch took.</summary>
internal sealed class ForwardContestant : IDisposable
{
    /// <summary>ViT-B/16 in CLIP's form at 224 pixels: 35 GFLOP an image.</summary>
    private static readonly VisionTransformerConfig VitB16 = new()
    {
        Family = "CLIP",
        HiddenSize = 768,
        IntermediateSize = 3072,
        LayerCount = 12,
        HeadCount = 12,
        ImageSize = 224,
        PatchSize = 16,
        LayerNormEps = 1e-5,
        Activation = Activation.QuickGelu,
        HasPatchBias = false,
        HasPreNorm = true,
        NormalisesAllTokens = false,
        ProjectionSize = 512,
    };

    private readonly ForwardOptions _options;
    private readonly nn.Module<Tensor, Tensor> _embedder;
    private readonly int _imageSize;
    private readonly Dictionary<int, Tensor> _inputs = [];

    public ForwardContestant(ForwardOptions options)
    {
        _options = options;
        ComputeThreads.Use(options.Threads);
        using var model = Build(options);
        _imageSize = model.Config.ImageSize;
        _embedder = EmbeddingModel.Ready(new FusedEmbedder(model, options.Device, options.Precision));
    }

    /// <summary>Answers each line "batch seconds" on standard input with one measurement.</summary>
    public static int Serve(ForwardOptions options)
    {
        using var contestant = new ForwardContestant(options);
        Console.WriteLine("ready");
        while (Console.ReadLine()?.Split(' ') is [var batch, var seconds])
            Console.WriteLine(
                contestant.Measure(int.Parse(batch, CultureInfo.InvariantCulture), double.Parse(seconds, CultureInfo.InvariantCulture))
            );
        return 0;
    }

    /// <summary>Seconds a batch, from as many batches as fit into <paramref name="seconds"/>.</summary>
    public string Measure(int batch, double seconds)
    {
        if (!_inputs.TryGetValue(batch, out var input))
        {
            _inputs[batch] = input = randn([batch, 3, _imageSize, _imageSize]).to(_options.Precision, _options.Device);
            for (var i = 0; i < 3; i++) Run(input);
        }
        Synchronize();
        var clock = Stopwatch.StartNew();
        var batches = 0;
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            // A GPU is fed ten batches ahead: throughput is what is measured, not the host's wait.
            for (var i = 0; i < 10; i++, batches++) Run(input);
            Synchronize();
        }
        return (clock.Elapsed.TotalSeconds / batches).ToString("R", CultureInfo.InvariantCulture);
    }

    public void Dispose() => _embedder.Dispose();

    private static VisionTransformer Build(ForwardOptions options)
    {
        if (options.Model is null)
        {
            using var weights = new RandomWeights(seed: 0, CPU);
            return new VisionTransformer(weights, VitB16);
        }
        using var directory = ModelDirectory.Open(options.Model);
        return directory.Load(CPU);
    }

    private void Run(Tensor input)
    {
        using var embedding = _embedder.call(input);
    }

    private void Synchronize()
    {
        if (_options.Device.type == TorchSharp.DeviceType.CUDA) cuda.synchronize();
    }
}
