using LoraRecycle.Core.Method.Inversion.Building;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;

namespace LoraRecycle.Service.Features.Recycling.Requests;

/// <summary>The units of a job. They follow from the job alone, not from who works on it or how many they are.</summary>
internal static class UnitPlan
{
    public static IEnumerable<RecycleUnit> Of(RecycleJob job, IReadOnlyList<Lora> loras, RecycleSettings settings, DateTimeOffset now)
    {
        var number = 0;
        foreach (var batch in InversionPlan.Cut(loras.Select(lora => (int)lora.Facts.ClassCount!), settings.Together))
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
            Loras = ids,
            State = state,
            NotBefore = now,
            Iterations = iterations,
        };
    }
}
