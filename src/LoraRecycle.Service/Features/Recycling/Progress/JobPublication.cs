using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;

namespace LoraRecycle.Service.Features.Recycling.Progress;

/// <summary>Gives the result of a job its place among the meta-LoRAs. Two who do it for one job leave the same files.</summary>
internal sealed class JobPublication(JobFolders folders, MetaLoraStore store, ResultActivation activation)
{
    /// <returns>Why it cannot be published; null when it is there.</returns>
    public string? Publish(RecycleJob job, IReadOnlyList<RecycleUnit> units)
    {
        var distilled = units.Single(unit => unit.Kind == UnitKind.Distill);
        var made = folders.MetaLora(job.Id, distilled.Number, distilled.Result!.Fence);
        var target = Path.Combine(store.Made, job.MetaLora);
        if (!IsSame(made, target))
        {
            Directory.CreateDirectory(store.Made);
            var unfinished = $"{target}.{Guid.NewGuid():N}.tmp";
            try
            {
                Directory.CreateDirectory(unfinished);
                foreach (var file in Directory.EnumerateFiles(made))
                    Copy(file, Path.Combine(unfinished, Path.GetFileName(file)));
                Directory.Move(unfinished, target);
            }
            catch (IOException) when (Directory.Exists(target))
            {
                // Somebody was faster: the same job in another process, or an operator with another meta-LoRA.
            }
            finally
            {
                if (Directory.Exists(unfinished))
                    Directory.Delete(unfinished, recursive: true);
            }
        }
        return !IsSame(made, target) ? $"Another meta-LoRA is called '{job.MetaLora}' by now, and a job never replaces a meta-LoRA."
            : store.Find(job.MetaLora) is { Facts: null, Problem: { } problem } ? $"The new meta-LoRA cannot be used: {problem}"
            : null;
    }

    /// <summary>Makes the result the active one, if that is asked for and deserved.</summary>
    public async Task<ActivationOutcome> ActivateAsync(RecycleJob job, IReadOnlyList<RecycleUnit> units, CancellationToken cancellation)
    {
        var evaluation = units.FirstOrDefault(unit => unit.Kind == UnitKind.Evaluate)?.Result!.Evaluation;
        return job.Settings.Activate switch
        {
            ActivationRule.Never => new ActivationOutcome(false, "Not activated, as requested."),
            ActivationRule.IfBetter when evaluation is null || !(evaluation.Accuracy > evaluation.ActiveAccuracy) =>
                new ActivationOutcome(false, "Not activated: it is not better than the active one."),
            _ => await activation.ActivateAsync(job.MetaLora, cancellation),
        };
    }

    private static bool IsSame(string made, string target) =>
        Directory.Exists(target)
        && new[] { AdapterConfig.FileName, AdapterFiles.TensorsName }.All(name =>
            File.Exists(Path.Combine(target, name))
            && File.ReadAllBytes(Path.Combine(made, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(target, name)))
        );

    private static void Copy(string from, string to)
    {
        using var source = File.OpenRead(from);
        using var copy = new FileStream(to, FileMode.CreateNew, FileAccess.Write);
        source.CopyTo(copy);
        copy.Flush(flushToDisk: true);
    }
}
