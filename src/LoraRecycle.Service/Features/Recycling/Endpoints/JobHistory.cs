using System.Text.Json;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>How far a job is and what happened to it, whatever it makes.</summary>
/// <param name="Progress">Of the current stage.</param>
/// <param name="Units">In the order of the stages.</param>
/// <param name="Losses">A sample.</param>
/// <param name="Log">The last lines.</param>
internal sealed record JobCourse(
    StageProgress Progress, IReadOnlyList<UnitResponse> Units, IReadOnlyList<LossPoint> Losses, IReadOnlyList<LogLine> Log);

/// <summary>Makes of a job's units and events what clients get of them.</summary>
internal sealed class JobHistory(StateDatabase database, TimeProvider time)
{
    private const int LogLines = 50, LossPoints = 200;

    public static string Name<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    public async Task<JobCourse> OfAsync(RecycleJob job, IReadOnlyList<RecycleUnit> units, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
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
        return new JobCourse(
            ProgressOf(job, units),
            [.. units.Select(Describe)],
            [.. losses.Select(Point).OfType<LossPoint>()],
            [.. log.OrderBy(one => one.Number).Select(Line)]);
    }

    private StageProgress ProgressOf(RecycleJob job, IReadOnlyList<RecycleUnit> units)
    {
        UnitKind? kind = job.Stage switch
        {
            JobStage.Inverting => UnitKind.Invert,
            JobStage.Distilling => UnitKind.Distill,
            JobStage.Evaluating => UnitKind.Evaluate,
            JobStage.Tuning => UnitKind.Tune,
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
}
