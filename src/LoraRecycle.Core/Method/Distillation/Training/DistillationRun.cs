using System.Diagnostics;
using LoraRecycle.Core.Method.Distillation.Episodes;
using LoraRecycle.Core.Method.Distillation.Steps;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Training;

/// <summary>The steps of a distillation, over one device or several that each take a share of every step's episodes.</summary>
internal sealed class DistillationRun(
    IReadOnlyList<Replica> replicas,
    TrainingEpisodeSampler sampler,
    DistillationState state,
    DistillationSettings settings,
    Action<CancellationToken>? pace
)
{
    private readonly CyclicSchedule _schedule = new(settings.FloorLearningRate, settings.PeakLearningRate, settings.WarmUp, settings.Decay);

    /// <exception cref="DistillationException">The loss is not finite any more.</exception>
    public void ToTheEnd(
        string? checkpointPath,
        string fingerprint,
        IProgress<DistillationProgress>? progress,
        CancellationToken cancellation
    )
    {
        var (before, started) = (state.Seconds, Stopwatch.GetTimestamp());
        Spread();
        using var total = zeros([], device: state.Device);
        while (state.Step < settings.Iterations)
        {
            pace?.Invoke(cancellation);
            // Between two reports part of the loss is summed but not read; a checkpoint there would lose it.
            if (cancellation.IsCancellationRequested && state.Step % settings.ReportEvery == 0) Save();
            cancellation.ThrowIfCancellationRequested();
            Step(total);
            if (state.Step % settings.ReportEvery == 0 || state.Step == settings.Iterations)
            {
                // The only place that waits for the devices.
                var mean = total.item<float>() / (state.Step - (state.Curve.Count * settings.ReportEvery));
                if (!double.IsFinite(mean))
                    throw new DistillationException(
                        $"The loss is not finite after {state.Step} steps. Lower the learning rate ({settings.PeakLearningRate}) or "
                            + $"raise the temperature ({settings.Temperature})."
                    );
                total.zero_();
                state.Curve.Add(mean);
                state.Seconds = before + Stopwatch.GetElapsedTime(started).TotalSeconds;
                progress?.Report(new DistillationProgress(state.Step, settings.Iterations, mean));
                if (state.Step % settings.CheckpointEvery == 0) Save();
            }
        }

        Save();

        void Save()
        {
            if (checkpointPath is not null) state.Save(checkpointPath, fingerprint);
        }
    }

    private void Step(Tensor total)
    {
        var batch = sampler.Step(state.Step + 1);
        var shares = Shares(batch);
        // Recording must be alone on the machine, so it comes before the devices run at the same time.
        for (var i = 0; i < shares.Length; i++) replicas[i].Prepare(shares[i]);
        if (shares.Length == 1)
            replicas[0].Run(shares[0]);
        else
            Parallel.For(0, shares.Length, i => replicas[i].Run(shares[i]));

        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        var gradient = Averaged(shares, replica => replica.Gradient);
        total.add_(Averaged(shares, replica => replica.Loss));
        state.Learn(gradient, _schedule[state.Step]);
        Spread();
    }

    private EpisodeBatch[] Shares(EpisodeBatch batch)
    {
        var (episodes, devices) = (batch.Shape.Episodes, Math.Min(replicas.Count, batch.Shape.Episodes));
        return devices == 1
            ? [batch]
            :
            [
                .. Enumerable
                    .Range(0, devices)
                    .Select(i => (First: i * episodes / devices, End: (i + 1) * episodes / devices))
                    .Select(share => batch.Share(share.First, share.End - share.First)),
            ];
    }

    private Tensor Averaged(EpisodeBatch[] shares, Func<Replica, Tensor> of)
    {
        if (shares.Length == 1) return of(replicas[0]);
        var sum = zeros_like(of(replicas[0]));
        foreach (var (share, replica) in shares.Zip(replicas))
            sum.add_(of(replica).to(sum.device), (double)share.Shape.Episodes / shares.Sum(one => one.Shape.Episodes));
        return sum;
    }

    /// <summary>Every device gets the first one's values.</summary>
    private void Spread()
    {
        using var withoutGrad = no_grad();
        foreach (var replica in replicas.Skip(1)) replica.Adapter.Values.copy_(replicas[0].Adapter.Values);
    }
}
