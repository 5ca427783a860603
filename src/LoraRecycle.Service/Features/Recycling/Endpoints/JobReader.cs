using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Platform.Storage.Sequences;
using Microsoft.EntityFrameworkCore;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>Looks at jobs without changing them.</summary>
internal sealed class JobReader(StateDatabase database)
{
    /// <param name="kind">Which jobs.</param>
    /// <param name="before">The place of the last one that is known; null to begin with the latest.</param>
    /// <param name="limit">Most jobs.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ProblemException">There is no such place.</exception>
    public async Task<(IReadOnlyList<RecycleJob> Jobs, string? Next)> ListAsync(
        JobKind kind, string? before, int limit, CancellationToken cancellation)
    {
        if (!database.IsThere)
            return ([], null);
        await using var context = await database.OpenAsync(cancellation);
        var jobs = context.Set<RecycleJob>().AsNoTracking().Where(job => job.Kind == kind);
        if (before is not null)
        {
            var (sequence, id) = await PlaceAsync(before, jobs, cancellation);
            jobs = jobs.Where(job => job.Sequence < sequence || (job.Sequence == sequence && string.Compare(job.Id, id) < 0));
        }
        var page = await jobs.OrderByDescending(job => job.Sequence)
            .ThenByDescending(job => job.Id)
            .Take(limit + 1)
            .ToListAsync(cancellation);
        return (
            [.. page.Take(limit)],
            page.Count > limit ? new SequencePlace(page[limit - 1].Sequence, page[limit - 1].Id).ToString() : null
        );
    }

    /// <returns>The ids of the LoRAs that jobs tuned, by job.</returns>
    public async Task<IReadOnlyDictionary<string, string?>> LorasAsync(IReadOnlyList<RecycleJob> of, CancellationToken cancellation)
    {
        if (of.Count == 0)
            return new Dictionary<string, string?>();
        var ids = of.Select(job => job.Id).ToArray();
        await using var context = await database.OpenAsync(cancellation);
        var units = await context.Set<RecycleUnit>().AsNoTracking()
            .Where(unit => ids.Contains(unit.JobId) && unit.Kind == UnitKind.Tune).ToListAsync(cancellation);
        return units.ToDictionary(unit => unit.JobId, unit => unit.Result?.Lora, StringComparer.Ordinal);
    }

    /// <returns>Whether a job is making a meta-LoRA of this name, in words; null when none is.</returns>
    public async Task<string?> UseAsync(string metaLora, CancellationToken cancellation)
    {
        if (!database.IsThere)
            return null;
        await using var context = await database.OpenAsync(cancellation);
        var isMade = await context.Set<RecycleJob>().AnyAsync(
            job => job.MetaLora == metaLora
                && (job.State == JobState.Queued || job.State == JobState.Running || job.State == JobState.Cancelling),
            cancellation);
        return isMade ? "a job that makes it" : null;
    }

    private static async Task<SequencePlace> PlaceAsync(string before, IQueryable<RecycleJob> jobs, CancellationToken cancellation) =>
        SequencePlace.TryParse(before)
        ?? (
            SequencePlace.IsId(before) && await jobs.SingleOrDefaultAsync(job => job.Id == before, cancellation) is { } job
                ? new SequencePlace(job.Sequence, job.Id)
                : throw new ProblemException(
                    RecycleProblems.InvalidSetting,
                    "Expected 'next' of the previous page, or the id of a job; begin again with the first page, without 'before'.",
                    "before"
                )
        );

    /// <summary>What the path of one leads to, with its units in their order.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public async Task<(RecycleJob Job, List<RecycleUnit> Units)> FindAsync(JobKind kind, string id, CancellationToken cancellation)
    {
        if (database.IsThere)
        {
            await using var context = await database.OpenAsync(cancellation);
            var jobs = context.Set<RecycleJob>().AsNoTracking().Where(job => job.Kind == kind);
            if (await jobs.SingleOrDefaultAsync(job => job.Id == id, cancellation) is { } job)
                return (
                    job,
                    await context
                        .Set<RecycleUnit>()
                        .AsNoTracking()
                        .Where(unit => unit.JobId == id)
                        .OrderBy(unit => unit.Number)
                        .ToListAsync(cancellation)
                );
        }
        throw new ProblemException(
            RecycleProblems.NotFound, $"Expected the id of a job on this server; GET {kind.Path()} lists them.");
    }

    /// <summary>Events after one, in their order.</summary>
    public async Task<List<RecycleEvent>> EventsAsync(string id, long after, int most, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        return await context
            .Set<RecycleEvent>()
            .AsNoTracking()
            .Where(one => one.JobId == id && one.Number > after)
            .OrderBy(one => one.Number)
            .Take(most)
            .ToListAsync(cancellation);
    }
}
