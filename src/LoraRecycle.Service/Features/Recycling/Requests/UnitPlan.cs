using System.Text.Json;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;

namespace LoraRecycle.Service.Features.Recycling.Requests;

/// <summary>
/// Cuts a job into units. The cut follows from the job alone, not from who works on it or how many they are, and with it
/// every bit of the result: what is inverted in one batch is computed in one batch.
/// </summary>
internal static class UnitPlan
{
    public static IEnumerable<RecycleUnit> Of(RecycleJob job, IReadOnlyList<Lora> loras, RecycleSettings settings, DateTimeOffset now)
    {
        var number = 0;
        foreach (var batch in Batches(loras.Select(lora => (int)lora.Facts.ClassCount!), settings.Together))
            yield return Unit(
                UnitKind.Invert,
                [.. batch.Select(index => loras[index].Id)],
                UnitState.Queued,
                (long)batch.Count * settings.Inversion.Iterations
            );
        yield return Unit(UnitKind.Distill, [], UnitState.Waiting, settings.Distillation.Iterations);
        if (settings.Validation is not null)
            yield return Unit(UnitKind.Evaluate, [], UnitState.Waiting, 0);

        RecycleUnit Unit(UnitKind kind, IReadOnlyList<string> ids, UnitState state, long iterations) => new()
        {
            JobId = job.Id,
            Number = number++,
            Kind = kind,
            Loras = JsonSerializer.Serialize(ids, RecycleJson.Default.IReadOnlyListString),
            State = state,
            NotBefore = now,
            Iterations = iterations,
        };
    }

    /// <summary>LoRAs of as many classes, some at a time, by their places.</summary>
    /// <param name="classes">Of each LoRA.</param>
    /// <param name="together">Most LoRAs of a batch.</param>
    public static IReadOnlyList<IReadOnlyList<int>> Batches(IEnumerable<int> classes, int together) =>
        [.. classes.Index().GroupBy(lora => lora.Item).SelectMany(group => group.Select(lora => lora.Index).Chunk(together))];
}
