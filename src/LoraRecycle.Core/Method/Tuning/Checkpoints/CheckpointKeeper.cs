using System.Diagnostics;
using LoraRecycle.Core.Foundation.Tensors;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Checkpoints;

/// <summary>Writes what a run remembers, now and then, and begins with what another start of the same run wrote.</summary>
/// <param name="checkpoint">Where to; null for nowhere.</param>
/// <param name="fingerprint">What the run is; asked for only where there is a checkpoint.</param>
/// <param name="losses">Of the steps done.</param>
/// <param name="parts">All that the next step depends on.</param>
internal sealed class CheckpointKeeper(
    TuningCheckpoint? checkpoint, Func<string> fingerprint, List<double> losses, IReadOnlyList<IResumable> parts)
{
    private const string Losses = "losses";

    private readonly string _fingerprint = checkpoint is null ? "" : fingerprint();
    private long _written = Stopwatch.GetTimestamp();

    /// <returns>How many steps are done already.</returns>
    public int Resume()
    {
        using var scope = NewDisposeScope();
        if (checkpoint is null || TuningState.Read(checkpoint.Path, _fingerprint) is not { } state) return 0;
        losses.AddRange(state.Tensor(Losses).ToValues<double>());
        foreach (var part in parts) part.Resume(state);
        return state.Step;
    }

    public void SaveWhenDue(int step)
    {
        if (checkpoint is not null && Stopwatch.GetElapsedTime(_written) >= checkpoint.Every) Save(step);
    }

    public void Save(int step)
    {
        if (checkpoint is null || step == 0) return;
        using var scope = NewDisposeScope();
        var state = new TuningState(step);
        state.Put(Losses, tensor([.. losses], [losses.Count], ScalarType.Float64));
        foreach (var part in parts) part.Save(state);
        state.Write(checkpoint.Path, _fingerprint);
        _written = Stopwatch.GetTimestamp();
    }
}
