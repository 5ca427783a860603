using System.Globalization;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Distillation.Episodes;
using LoraRecycle.Core.Method.Distillation.Steps;
using LoraRecycle.Core.Method.Distillation.Training;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Bench;

/// <summary>
/// One step of meta-training as the product runs it: one 5-way episode of 5 + 15 images a class, mirrored at random, its
/// teacher asked beforehand. A configuration is the share of patches that is masked.
/// </summary>
internal sealed class DistillationContestant : IStepContestant, IDisposable
{
    private const int Shots = 5;

    private readonly FrozenModel _model;
    private readonly Adapter _lora;
    private readonly Tensor _bytes, _saliency, _opinions;
    private TrainingSet? _set;
    private Replica? _replica;
    private TrainingEpisodeSampler? _sampler;
    private DistillationState? _state;

    private DistillationContestant(StepOptions options)
    {
        if (options.Threads > 0) set_num_threads(options.Threads);
        _model = FrozenModel.Load(Path.Combine(options.Files, "model"), options.Device, options.Precision);
        _lora = AdapterCatalog.Default.Load(Path.Combine(options.Files, "lora"), _model.Transformer.AdaptableLayers, options.Device);
        using var images = SafetensorsFile.Open(Path.Combine(options.Files, "images.safetensors"));
        (_bytes, _saliency, _opinions) = (images.Read("bytes"), images.Read("saliency"), images.Read("opinions"));
    }

    private int Ways => (int)_lora.Head!.Classes;

    private int PerClass => (int)_bytes.shape[0] / Ways;

    public static int Serve(StepOptions options)
    {
        using var contestant = new DistillationContestant(options);
        return StepServer.Serve(contestant, options);
    }

    public void Prepare(string configuration)
    {
        Forget();
        var config = _model.Transformer.Config;
        var settings = new DistillationSettings
        {
            EpisodesPerStep = 1,
            Shots = [Shots],
            Queries = PerClass - Shots,
            InterpolationShare = 0,
            Masked = [double.Parse(configuration, CultureInfo.InvariantCulture)],
            Augmentation = Mirrored,
            Temperature = 1,
        };
        using var pixels = new PixelSpace(_model.Preprocessor.Config, _model.Device);
        var labels = InversionTargets.Labels(Ways, PerClass);
        _set = TrainingSet.Of(
            _model.Transformer,
            pixels,
            [new TrainingSource("noise", _bytes, labels, _lora.ClassNames, _saliency, _lora)],
            settings,
            default
        );
        _replica = new Replica(_model.Transformer, _lora, _set, _model.Preprocessor.Config, settings);
        _sampler = new TrainingEpisodeSampler(_set, settings, config.ImageSize, config.PatchCount);
        _state = new DistillationState(_replica.Adapter.Values);
    }

    public double Step(bool readLoss = false)
    {
        var batch = _sampler!.Step(_state!.Step + 1);
        _replica!.Prepare(batch);
        _replica.Run(batch);
        _state.Learn(_replica.Gradient, 1e-3);
        return readLoss ? _replica.Loss.item<float>() : double.NaN;
    }

    public double Check(string configuration, string path)
    {
        Prepare(configuration);
        var masked = double.Parse(configuration, CultureInfo.InvariantCulture);
        var patches = _model.Transformer.Config.PatchCount;
        var shape = new StepShape(
            StepKind.Task,
            1,
            Ways,
            Shots,
            PerClass - Shots,
            masked > 0 ? patches - TokenPruning.Share(patches, masked) : 0
        );
        long[] supports = [.. All().Where(image => image % PerClass < Shots)],
            queries = [.. All().Where(image => image % PerClass >= Shots)];
        var opinions = _opinions.data<float>().ToArray().Chunk(Ways).ToArray();
        var batch = new EpisodeBatch(
            shape, [.. supports, .. queries],
            [.. All().SelectMany(_ => new float[] { 1, 0, 0, 0, 1, 0 })],
            [.. All().SelectMany(_ => new float[] { 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0 })],
            new float[shape.Images],
            new float[shape.Images],
            [.. queries.SelectMany(image => opinions[image])]);
        _replica!.Prepare(batch);
        _replica.Run(batch);
        Write(path, _replica.Gradient);
        return _replica.Loss.item<float>();

        IEnumerable<long> All() => Enumerable.Range(0, Ways * PerClass).Select(image => (long)image);
    }

    public void Save(string path) => Write(path, _replica!.Adapter.Values);

    public void Dispose()
    {
        Forget();
        foreach (var tensor in new[] { _bytes, _saliency, _opinions }) tensor.Dispose();
        _lora.Dispose();
        _model.Dispose();
    }

    private static Augmentation Mirrored => new() { Mirror = true, SmallestCrop = 1, Colour = 0, Grey = 0 };

    private static void Write(string path, Tensor values)
    {
        using var host = values.detach().cpu();
        File.WriteAllBytes(path, host.bytes.ToArray());
    }

    private void Forget()
    {
        _state?.Dispose();
        _replica?.Dispose();
        _set?.Dispose();
        (_state, _replica, _set) = (null, null, null);
    }
}
