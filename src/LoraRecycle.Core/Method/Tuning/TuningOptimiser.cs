using LoraRecycle.Core.Method.Tuning.Checkpoints;
using LoraRecycle.Core.Method.Tuning.Choices;
using LoraRecycle.Core.Method.Tuning.Layers;
using LoraRecycle.Core.Method.Tuning.Options;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning;

/// <summary>Adam over the head and those layers that move now, B perhaps faster than the rest.</summary>
internal sealed class TuningOptimiser : IResumable, IDisposable
{
    private readonly TunedAdapter _tuned;
    private readonly TuningSettings _settings;
    private readonly SampledBlocks? _blocks;
    private Adam _optimiser;

    /// <param name="tuned">What is tuned.</param>
    /// <param name="settings">How.</param>
    /// <param name="blocks">How many the model has.</param>
    public TuningOptimiser(TunedAdapter tuned, TuningSettings settings, int blocks)
    {
        (_tuned, _settings) = (tuned, settings);
        if (settings.Choice.By == Chosen.Sampled)
            _blocks = new SampledBlocks(blocks, settings.Choice.Active, settings.Choice.Interval, settings.Seed);
        _optimiser = Over(tuned.Layers);
    }

    /// <summary>Clears gradients, and lets others move where it is their turn.</summary>
    /// <param name="step">From 1.</param>
    public void Prepare(int step)
    {
        // Their moments go with those that are left, as the paper has it.
        if (_blocks is not null && _blocks.ChangesAt(step)) Move(_blocks.At(step));
        _optimiser.zero_grad();
    }

    public void Step() => _optimiser.step();

    public void Save(TuningState state)
    {
        foreach (var (number, moments) in Moments.Index())
        {
            state.Put($"adam.{number}.mean", moments.exp_avg);
            state.Put($"adam.{number}.square", moments.exp_avg_sq);
            state.Put($"adam.{number}.step", (ulong)moments.step);
        }
    }

    public void Resume(TuningState state)
    {
        if (_blocks is not null) Move(_blocks.At(state.Step));
        using var withoutGrad = no_grad();
        foreach (var (number, moments) in Moments.Index())
        {
            moments.exp_avg.copy_(state.Tensor($"adam.{number}.mean"));
            moments.exp_avg_sq.copy_(state.Tensor($"adam.{number}.square"));
            moments.step = (long)state.Number($"adam.{number}.step");
        }
    }

    public void Dispose() => _optimiser.Dispose();

    /// <summary>One for each parameter that moves now, in the order of the groups.</summary>
    private IEnumerable<Adam.State> Moments => _optimiser.state_dict().State.Cast<Adam.State>();

    private void Move(IReadOnlySet<int> active)
    {
        _optimiser.Dispose();
        foreach (var layer in _tuned.Layers)
            foreach (var parameter in layer.Trained)
            {
                parameter.requires_grad = active.Contains(BlockOf(layer));
                if (!parameter.requires_grad && parameter.grad is { } old) old.zero_();
            }
        _optimiser = Over([.. _tuned.Layers.Where(layer => active.Contains(BlockOf(layer)))]);
    }

    private static int BlockOf(TunedLayer layer) =>
        layer.Name.Split('.') is ["layers", var block, ..] ? int.Parse(block, System.Globalization.CultureInfo.InvariantCulture) : -1;

    private Adam Over(IReadOnlyList<TunedLayer> layers)
    {
        var rate = _settings.LearningRate;
        (Parameter[] Values, double Rate)[] groups =
        [
            ([.. layers.SelectMany(layer => layer.TrainedButB)], rate),
            ([.. layers.Select(layer => layer.B).OfType<Parameter>()], rate * _settings.Update.BRate),
            ([.. _tuned.Head.parameters()], _settings.HeadLearningRate ?? rate),
        ];
        return optim.Adam(
            groups.Where(group => group.Values.Length > 0).Select(group => new Adam.ParamGroup(group.Values, group.Rate)), rate);
    }
}
