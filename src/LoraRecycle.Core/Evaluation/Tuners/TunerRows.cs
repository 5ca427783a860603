using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>Means over tasks, and over the same tasks' plain LoRAs.</summary>
internal static class TunerRows
{
    /// <param name="method">The method.</param>
    /// <param name="rate">Its learning rate.</param>
    /// <param name="tasks">What it gave; none where it failed.</param>
    /// <param name="plain">What plain LoRA gave on the same tasks.</param>
    /// <param name="lossSteps">The steps whose loss is told.</param>
    /// <param name="failure">Why there are none, or null.</param>
    public static TunerRow Of(
        TuningMethod method, double rate, TaskMeasure[] tasks, TaskMeasure[] plain, IReadOnlyList<int> lossSteps, string? failure)
    {
        double[] curve = tasks.Length == 0
            ? []
            : [.. Enumerable.Range(0, tasks[0].Losses.Count).Select(step => tasks.Average(task => task.Losses[step]))];
        return new TunerRow(
            method.Name, method.Title, method.Paper, rate,
            lossSteps.Where(step => step <= curve.Length).ToDictionary(step => step, step => curve[step - 1]),
            curve,
            Mean(tasks, task => task.HeldOut),
            Over(tasks, plain, task => task.HeldOut),
            Mean(tasks, task => task.Forgotten),
            Over(tasks, plain, task => task.Forgotten),
            Average(task => task.Intruders),
            Average(task => task.Numbers),
            Average(task => task.Lost),
            Average(task => task.Seconds),
            failure);

        double Average(Func<TaskMeasure, double> of) => tasks.Length == 0 ? 0 : tasks.Average(of);
    }

    private static MeanOfTasks? Mean(TaskMeasure[] tasks, Func<TaskMeasure, double?> of) =>
        Of([.. tasks.Select(of)]);

    private static MeanOfTasks? Over(TaskMeasure[] tasks, TaskMeasure[] plain, Func<TaskMeasure, double?> of) =>
        plain.Length != tasks.Length ? null : Of([.. tasks.Zip(plain, (own, theirs) => of(own) - of(theirs))]);

    private static MeanOfTasks? Of(double?[] values)
    {
        if (values.Length == 0 || values.Any(value => value is null)) return null;
        var interval = AccuracyInterval.Of([.. values.Select(value => value!.Value)]);
        return new MeanOfTasks(interval.Mean, values.Length > 1 ? interval.HalfWidth : null);
    }
}
