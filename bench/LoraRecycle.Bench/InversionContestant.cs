using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Core.Vision.ResNet;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Bench;

/// <summary>One iteration of LoRA Inversion as the product runs it; a configuration is a token pruning.</summary>
internal sealed class InversionContestant : IStepContestant, IDisposable
{
    private readonly FrozenModel _model;
    private readonly BatchNormPrior _prior;
    private readonly Adapter _lora, _together;
    private readonly int _loras;
    private readonly PixelSpace _pixels;
    private readonly Tensor _noise;
    private InversionObjective? _objective;
    private InversionState? _state;
    private InversionStep? _step;

    private InversionContestant(StepOptions options)
    {
        if (options.Threads > 0) set_num_threads(options.Threads);
        _model = FrozenModel.Load(Path.Combine(options.Files, "model"), options.Device, options.Precision);
        _prior = BatchNormPrior.Load(Path.Combine(options.Files, "prior"), options.Device, options.Precision);
        _lora = AdapterCatalog.Default.Load(Path.Combine(options.Files, "lora"), _model.Transformer.AdaptableLayers, options.Device);
        _loras = options.Loras;
        _together = LoraGroup.Stack(
            [.. Enumerable.Repeat(_lora, _loras)],
            _model.Transformer.AdaptableLayers,
            options.Device,
            options.Precision
        );
        _pixels = new PixelSpace(_model.Preprocessor.Config, options.Device);
        using var images = SafetensorsFile.Open(Path.Combine(options.Files, "images.safetensors"));
        _noise = images.Read("pixels").to(options.Device).unsqueeze(0).repeat(_loras, 1, 1, 1, 1);
    }

    public static int Serve(StepOptions options)
    {
        using var contestant = new InversionContestant(options);
        return StepServer.Serve(contestant, options);
    }

    public void Prepare(string configuration)
    {
        Forget();
        var settings = Settings(configuration);
        _objective = Objective(settings);
        _state = InversionState.Start(_noise.clone());
        _step = new InversionStep(_state, _objective, settings, _pixels, _model.Transformer.Config.ImageSize);
    }

    public double Step(bool readLoss = false)
    {
        using var losses = _step!.Take();
        if (_state!.Iteration == 3 && _pixels.Device.type == TorchSharp.DeviceType.CUDA && _step.NotRecorded is { } reason)
            Console.Error.WriteLine($"Not recorded: {reason}.");
        return readLoss ? losses.mean().item<float>() : double.NaN;
    }

    public void Save(string path) => File.WriteAllBytes(path, _state!.Pixels.cpu().bytes.ToArray());

    public double Check(string configuration, string path)
    {
        using var scope = NewDisposeScope();
        using var objective = Objective(Settings(configuration));
        var pixels = _noise.flatten(0, 1).clone().requires_grad_();
        var loss = objective.Losses(pixels, TokenPruning.Parse(configuration));
        loss.sum().backward();
        File.WriteAllBytes(path, pixels.grad!.to(ScalarType.Float32).cpu().contiguous().bytes.ToArray());
        return loss.detach().mean().item<float>();
    }

    public void Dispose()
    {
        Forget();
        _pixels.Dispose();
        _noise.Dispose();
        _together.Dispose();
        _lora.Dispose();
        _prior.Dispose();
        _model.Dispose();
    }

    private InversionSettings Settings(string pruning) => new()
    {
        Pruning = TokenPruning.Parse(pruning),
        PruningStart = 0,
        Iterations = 1_000_000,
        ImagesPerClass = (int)(_noise.shape[1] / _lora.Head!.Classes),
    };

    private InversionObjective Objective(InversionSettings settings)
    {
        using var scope = NewDisposeScope();
        _model.Transformer.Attach(_together);
        return new InversionObjective(
            _model.Transformer,
            _prior,
            _pixels,
            [.. Enumerable.Repeat(_lora.Head!, _loras)],
            InversionTargets.Of((int)_lora.Head!.Classes, settings),
            settings
        );
    }

    private void Forget()
    {
        _step?.Dispose();
        _state?.Dispose();
        _objective?.Dispose();
        (_step, _state, _objective) = (null, null, null);
    }
}
