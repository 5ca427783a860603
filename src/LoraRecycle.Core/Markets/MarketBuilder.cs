using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Markets;

/// <summary>
/// Tunes the LoRAs of a market one after another. What is finished is passed over, so that a build that was stopped, in
/// whatever way, goes on where it was, and a longer plan adds to a market.
/// </summary>
public sealed class MarketBuilder(Market market, LoraRun run)
{
    /// <exception cref="MarketException">The market holds another LoRA under a name that is to be built.</exception>
    /// <exception cref="TuningException">A task cannot be tuned; found when its turn comes.</exception>
    public MarketReport Build(
        IReadOnlyList<LoraTask> tasks,
        IProgress<MarketProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        // All of them first: an hour of tuning should not end in a name that is taken.
        var finished = tasks.Select(IsFinished).ToArray();
        var (built, skipped, failed) = (new List<LoraRecord>(), new List<string>(), new List<MarketFailure>());
        for (var i = 0; i < tasks.Count; i++)
        {
            var (task, done) = (tasks[i], i);
            if (finished[i])
            {
                skipped.Add(task.Name);
                continue;
            }
            try
            {
                var lora = run.Run(task, market.PathOf(task.Name), new InlineProgress<TuningProgress>(Report), cancellation);
                market.Add(lora);
                built.Add(lora);
            }
            catch (DivergenceException diverged)
            {
                failed.Add(new MarketFailure(task.Name, diverged.Message));
            }

            void Report(TuningProgress step) => progress?.Report(new MarketProgress(task.Name, done, tasks.Count, step));
        }
        return new MarketReport(built, skipped, failed);
    }

    private bool IsFinished(LoraTask task)
    {
        var listed = market.Find(task.Name);
        if ((listed ?? market.Unlisted(task.Name)) is not { } found)
            return false;
        if (!found.IsOf(task, run.Images.Data.Name, run.Model, run.Images.HeldOut))
            throw new MarketException(
                $"'{market.Directory}' has another LoRA '{task.Name}' (classes {string.Join(", ", found.Classes)}; seed "
                    + $"{found.Settings.Seed}), tuned with other settings. "
                    + "Use the settings it was built with, or another folder.");
        if (listed is null)
            market.Add(found);
        return true;
    }
}
