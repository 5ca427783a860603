using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion.Optimization;

/// <summary>
/// One iteration: see, lose, differentiate, step. On a GPU it is a recording of some thousand kernels, made once without
/// and once with token pruning and run with one launch, so that the host does not slow it down.
/// </summary>
internal sealed class InversionStep : IDisposable
{
    private readonly InversionState _state;
    private readonly InversionObjective _objective;
    private readonly InversionSettings _settings;
    private readonly PixelSpace _pixels;
    private readonly InversionSchedule _schedule;
    private TokenPruning? _warm;
    private CudaGraph? _graph;
    private Tensor? _recorded;

    /// <param name="state">What it changes.</param>
    /// <param name="objective">What it makes small.</param>
    /// <param name="settings">How.</param>
    /// <param name="pixels">What pixels are valid.</param>
    /// <param name="side">The model's input.</param>
    public InversionStep(InversionState state, InversionObjective objective, InversionSettings settings, PixelSpace pixels, int side)
    {
        (_state, _objective, _settings, _pixels) = (state, objective, settings, pixels);
        _schedule = new InversionSchedule(settings, side, (int)state.Pixels.shape[3], pixels.Device);
        NotRecorded = pixels.Device.type == TorchSharp.DeviceType.CUDA ? CudaGraph.Unavailable : "it does not run on a GPU";
    }

    /// <summary>Why iterations are not recorded; null where they are, or may come to be.</summary>
    public string? NotRecorded { get; private set; }

    private int PruningStart => _settings.Pruning.IsNone ? int.MaxValue : (int)(_settings.PruningStart * _settings.Iterations);

    /// <returns>The losses before the step, [groups].</returns>
    public Tensor Take()
    {
        using var scope = NewDisposeScope();
        var iteration = _state.Iteration;
        if (iteration == PruningStart) _state.ForgetBest();
        _schedule.MoveTo(iteration);
        var losses = Replayed(iteration >= PruningStart ? _settings.Pruning : TokenPruning.None);
        _state.Advance();
        return losses.MoveToOuterDisposeScope();
    }

    private Tensor Run(TokenPruning pruning)
    {
        using var scope = NewDisposeScope();
        var seen = _schedule.See(_state.Pixels.flatten(0, 1)).requires_grad_();
        var losses = _objective.Losses(seen, pruning);
        var gradient = _schedule.Back(autograd.grad([losses.sum()], [seen])[0]);
        var values = losses.detach();
        _state.Step(values, gradient.view(_state.Pixels.shape), _settings, _pixels, _schedule);
        return values.MoveToOuterDisposeScope();
    }

    private Tensor Replayed(TokenPruning pruning)
    {
        // Once as it is before it is recorded: libraries choose their kernels and take their memory at first use.
        if (NotRecorded is not null || !ReferenceEquals(_warm, pruning))
        {
            Forget();
            _warm = pruning;
            return Run(pruning);
        }
        if (_graph is null && !Record(pruning)) return Run(pruning);
        _graph!.Replay();
        return _recorded!.clone();
    }

    private bool Record(TokenPruning pruning)
    {
        try
        {
            _graph = CudaGraph.Record(Math.Max(0, _pixels.Device.index), () => _recorded = Run(pruning).DetachFromDisposeScope());
            return true;
        }
        catch (CudaGraphException exception)
        {
            Forget();
            NotRecorded = exception.Message;
            return false;
        }
    }

    private void Forget()
    {
        _graph?.Dispose();
        _recorded?.Dispose();
        (_graph, _recorded) = (null, null);
    }

    public void Dispose()
    {
        Forget();
        _schedule.Dispose();
    }
}
