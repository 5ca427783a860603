using LoraRecycle.Core.FewShot.Episodes;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>Means over tasks, and over the same tasks' plain LoRAs.</summary>
internal static class TunerRows
{
    /// <param name="one">A method; it has nothing where it failed.</param>
    /// <param name="lora">Plain LoRA, on the same tasks and episodes.</param>
    /// <param name="lossSteps">The steps whose loss is told.</param>
    public static TunerRow Of(Contestant one, Contestant lora, IReadOnlyList<int> lossSteps)
    {
        var (tasks, plain) = (one.Tasks, lora.Tasks);
        double[] curve = tasks.Count == 0
            ? []
            : [.. Enumerable.Range(0, tasks[0].Losses.Count).Select(step => tasks.Average(task => task.Losses[step]))];
        return new TunerRow(
            one.Method.Name, one.Method.Title, one.Method.Paper, one.Rate,
            lossSteps.Where(step => step <= curve.Length).ToDictionary(step => step, step => curve[step - 1]),
            curve,
            Mean(tasks, task => task.HeldOut),
            Over(tasks, plain, task => task.HeldOut),
            Mean(tasks, task => task.Forgotten),
            Over(tasks, plain, task => task.Forgotten),
            Mean(one.Episodes ?? [], accuracy => accuracy),
            Over(one.Episodes ?? [], lora.Episodes ?? [], accuracy => accuracy),
            Average(task => task.Intruders),
            Average(task => task.Numbers),
            Average(task => task.Lost),
            Average(task => task.Seconds),
            one.Failure);

        double Average(Func<TaskMeasure, double> of) => tasks.Count == 0 ? 0 : tasks.Average(of);
    }

    private static MeanOfTasks? Mean<T>(IReadOnlyList<T> measures, Func<T, double?> of) => Of([.. measures.Select(of)]);

    private static MeanOfTasks? Over<T>(IReadOnlyList<T> measures, IReadOnlyList<T> plain, Func<T, double?> of) =>
        plain.Count != measures.Count ? null : Of([.. measures.Zip(plain, (own, theirs) => of(own) - of(theirs))]);

    private static MeanOfTasks? Of(double?[] values)
    {
        if (values.Length == 0 || values.Any(value => value is null)) return null;
        var interval = AccuracyInterval.Of([.. values.Select(value => value!.Value)]);
        return new MeanOfTasks(interval.Mean, values.Length > 1 ? interval.HalfWidth : null);
    }
}
