using System.Text.Json;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>Makes of a job's rows what a client gets.</summary>
internal sealed class JobDescriber(TimeProvider time)
{
    private const int LogLines = 50, LossPoints = 200;

    public static JobSummary Summary(RecycleJob job) =>
        new(job.Id, Name(job.State), Name(job.Stage), job.MetaLora, job.Created, job.Started, job.Ended, job.Error);

    public async Task<JobResponse> DescribeAsync(
        StateContext context,
        RecycleJob job,
        List<RecycleUnit> units,
        CancellationToken cancellation
    )
    {
        var events = context.Set<RecycleEvent>().AsNoTracking().Where(one => one.JobId == job.Id);
        var progress = events.Where(one => one.Type == EventTypes.Progress);
        var every = 1 + (await progress.CountAsync(cancellation) / LossPoints);
        var losses = await progress
            .Where(one => every == 1 || one.Number % every == 0)
            .OrderBy(one => one.Number)
            .ToListAsync(cancellation);
        var log = await events
            .Where(one => one.Type != EventTypes.Progress)
            .OrderByDescending(one => one.Number)
            .Take(LogLines)
            .ToListAsync(cancellation);
        var settings = job.Settings;
        var results = units.Select(unit => unit.Result).OfType<UnitResult>().ToArray();
        return new JobResponse(
            Summary(job),
            ProgressOf(job, units),
            [.. units.Select(Describe)],
            LorasOf(job, units, results),
            [.. losses.Select(Point).OfType<LossPoint>()],
            results.Select(result => result.Evaluation).FirstOrDefault(evaluation => evaluation is not null),
            job.Activation,
            new JobSettings(settings.Inversion, settings.Distillation, settings.Together, settings.MinimumLoras, Name(settings.Activate)),
            [.. log.OrderBy(one => one.Number).Select(Line)]);
    }

    private StageProgress ProgressOf(RecycleJob job, List<RecycleUnit> units)
    {
        UnitKind? kind = job.Stage switch
        {
            JobStage.Inverting => UnitKind.Invert,
            JobStage.Distilling => UnitKind.Distill,
            JobStage.Evaluating => UnitKind.Evaluate,
            _ => null,
        };
        var stage = units.Where(unit => kind is null || unit.Kind == kind).ToArray();
        var (done, all) = (stage.Sum(unit => unit.Iteration), stage.Sum(unit => unit.Iterations));
        var elapsed = (time.GetUtcNow() - job.StageStarted).TotalSeconds;
        return new StageProgress(
            done,
            all,
            stage.Where(unit => unit.Loss is not null).MaxBy(unit => unit.Heartbeat)?.Loss,
            kind is null || done == 0 || all == 0 ? null : elapsed * (all - done) / done
        );
    }

    private static IReadOnlyList<JobLora> LorasOf(RecycleJob job, List<RecycleUnit> units, UnitResult[] results)
    {
        var unitOf = units
            .Where(unit => unit.Kind == UnitKind.Invert)
            .SelectMany(unit => unit.Loras.Select(lora => (lora, unit.Number)))
            .ToDictionary(pair => pair.lora, pair => pair.Number, StringComparer.Ordinal);
        var pools = results.SelectMany(result => result.Pools ?? []).ToDictionary(pool => pool.Lora, StringComparer.Ordinal);
        return
        [
            .. job.Loras.Select(lora => new JobLora(
                lora.Id,
                lora.Name,
                unitOf[lora.Id],
                pools.GetValueOrDefault(lora.Id)?.BestLoss,
                pools.GetValueOrDefault(lora.Id)?.Failure
            )),
        ];
    }

    private static UnitResponse Describe(RecycleUnit unit) =>
        new(
            unit.Number,
            Name(unit.Kind),
            Name(unit.State),
            unit.Attempts,
            unit.Owner,
            unit.Iteration,
            unit.Iterations,
            unit.Loss,
            unit.Started,
            unit.Ended,
            unit.Error
        );

    private static LossPoint? Point(RecycleEvent one) =>
        JsonSerializer.Deserialize(one.Data, RecycleJson.Default.ProgressEvent) is { Loss: { } loss } progress
            ? new LossPoint(progress.Unit, Name(progress.Kind), progress.Iteration, loss)
            : null;

    private static LogLine Line(RecycleEvent one)
    {
        using var data = JsonDocument.Parse(one.Data);
        return new LogLine(one.Time, data.RootElement.GetProperty("message").GetString()!);
    }

    private static string Name<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
