using LoraRecycle.Core.Method.Tuning.Checkpoints;
using LoraRecycle.Core.Method.Tuning.Forms;
using LoraRecycle.Core.Method.Tuning.Layers;
using LoraRecycle.Core.Method.Tuning.Options;
using TorchSharp.Modules;

namespace LoraRecycle.Core.Method.Tuning.Updates;

/// <summary>The updates that settings ask for, in the order in which they act. Owns them.</summary>
internal sealed class TuningUpdates : IResumable, IDisposable
{
    private readonly List<IUpdate> _updates = [];

    public TuningUpdates(IReadOnlyList<TunedLayer> layers, TuningSettings settings)
    {
        var update = settings.Update;
        if (update.Adjust != Adjustment.None)
            _updates.Add(update.Adjust == Adjustment.Pro ? new ProUpdate(layers) : new ProFullUpdate(layers, settings.LearningRate));
        if (update.RowRate > 0)
            _updates.Add(new RowRate([.. layers.SelectMany(layer => new[] { layer.A, layer.B }).OfType<Parameter>()],
                update.RowRate));
        if (update.FreezeB > 0)
            _updates.Add(new FrozenColumns([.. layers.Select(layer => layer.B).OfType<Parameter>()], settings.Steps,
                update.FreezeB));
        if (update.GateThreshold > 0)
            _updates.Add(
                new GateThreshold([.. layers.Select(layer => layer.Find(CoreForms.Core)!)], update.GateThreshold, update.GateRule));
    }

    public void Before(int step) => _updates.ForEach(update => update.Before(step));

    public void After(int step) => _updates.ForEach(update => update.After(step));

    public void Save(TuningState state)
    {
        foreach (var update in _updates.OfType<IResumable>()) update.Save(state);
    }

    public void Resume(TuningState state)
    {
        foreach (var update in _updates.OfType<IResumable>()) update.Resume(state);
    }

    public void Dispose()
    {
        foreach (var update in _updates.OfType<IDisposable>()) update.Dispose();
    }
}
