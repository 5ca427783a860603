using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Progress;
using LoraRecycle.Service.Features.Recycling.Scheduling;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Features.Recycling.Units;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Tests.State;
using LoraRecycle.Tests;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Tests.Jobs;

/// <summary>On real databases of both kinds: who was taken for dead and is not can change nothing any more.</summary>
public sealed class FenceTests(PostgresServer postgres)
{
    private const string Job = "0123456789abcdef0123456789abcdef";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Who_holds_an_old_fence_can_neither_finish_nor_fail_nor_renew_nor_give_back(string provider)
    {
        using var test = await TestDatabase.CreateAsync(provider, postgres);
        using var database = test.Open();
        await InsertAsync(database);
        var (starved, healthy) = (Claims(database, TimeSpan.Zero), Claims(database, TimeSpan.FromHours(1)));

        var old = await starved.TryStartAsync(Job, 0, Cancellation);
        Assert.Null(await starved.TryStartAsync(Job, 0, Cancellation));
        var held = await healthy.TryStartAsync(Job, 0, Cancellation);
        Assert.Equal((1, 2), (old!.Fence, held!.Fence));

        Assert.Equal(ClaimStatus.Lost, await starved.RenewAsync(old, new UnitProgress(9, 9, 0.5), Cancellation));
        Assert.False(await starved.TryFinishAsync(old, new UnitResult(old.Fence), Cancellation));
        Assert.Null(await starved.FailAsync(old, "starved", isLasting: true, Cancellation));
        Assert.False(await starved.ReleaseAsync(old, Cancellation));
        var running = await UnitAsync(database);
        Assert.Equal(
            (UnitState.Running, 2L, 2, null, null),
            (running.State, running.Fence, running.Attempts, running.Result, running.Error)
        );

        Assert.True(await healthy.TryFinishAsync(held, new UnitResult(held.Fence), Cancellation));
        Assert.False(await starved.TryFinishAsync(old, new UnitResult(old.Fence), Cancellation));
        Assert.False(await healthy.TryFinishAsync(held, new UnitResult(held.Fence), Cancellation));
        Assert.Equal(2, (await UnitAsync(database)).Result?.Fence);
        await using var context = await database.OpenAsync(Cancellation);
        Assert.Equal(
            """{"fence":2,"pools":null,"seconds":0,"losses":null,"evaluation":null}""",
            await context.Database.SqlQuery<string>($"""SELECT result AS "Value" FROM recycle_units""").SingleAsync(Cancellation)
        );
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Of_many_who_start_a_unit_at_once_one_does_and_events_have_no_gaps(string provider)
    {
        using var test = await TestDatabase.CreateAsync(provider, postgres);
        using var database = test.Open();
        await InsertAsync(database);
        var claims = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(_ => Task.Run(() => Claims(database, TimeSpan.Zero).TryStartAsync(Job, 0, Cancellation), Cancellation))
        );

        var claim = Assert.Single(claims.OfType<UnitClaim>());
        await Task.WhenAll(Enumerable.Range(1, 20).Select(iteration => Task.Run(
            () => Claims(database, TimeSpan.Zero).NoteAsync(claim, new UnitProgress(iteration, 20, null), Cancellation), Cancellation)));
        await using var context = await database.OpenAsync(Cancellation);
        var numbers = await context.Set<RecycleEvent>().Select(one => one.Number).Order().ToListAsync(Cancellation);
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(number => (long)number), numbers);
        Assert.True(numbers.Count >= 20);
    }

    [Fact]
    public async Task Attempts_are_bounded_and_wait_longer_each_time()
    {
        using var test = await TestDatabase.CreateAsync("sqlite", postgres);
        using var database = test.Open();
        await InsertAsync(database);
        var waits = new List<TimeSpan>();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var (later, time) = (TimeSpan.FromHours(attempt), new Shifted(TimeSpan.FromHours(attempt)));
            var claim = await Claims(database, later).TryStartAsync(Job, 0, Cancellation);
            if (await Claims(database, later).FailAsync(claim!, "no luck", isLasting: false, Cancellation) is { } next)
                waits.Add(next - time.GetUtcNow());
        }

        Assert.Equal(2, waits.Count);
        Assert.True(waits[1] > waits[0] * 1.5);
        Assert.Equal(UnitState.Failed, (await UnitAsync(database)).State);
        Assert.Null(await Claims(database, TimeSpan.FromDays(1)).TryStartAsync(Job, 0, Cancellation));
    }

    private static UnitClaims Claims(StateDatabase database, TimeSpan later)
    {
        var time = new Shifted(later);
        return new UnitClaims(
            database, new JobTransactions(database, time, new JobSignals(time)), new WorkerIdentity(),
            Options.Create(new JobsOptions { MaxAttempts = 3, RetryDelay = TimeSpan.FromMinutes(10) }), time);
    }

    private static async Task InsertAsync(StateDatabase database)
    {
        await using var context = await database.OpenAsync(Cancellation);
        var now = DateTimeOffset.UtcNow;
        context.Add(
            new RecycleJob
            {
                Id = Job,
                Created = now,
                StageStarted = now,
                State = JobState.Queued,
                Stage = JobStage.Waiting,
                MetaLora = "fenced",
                Asked = new RecycleSettings(
                    new InversionSettings(), new DistillationSettings(), 1, 1, ActivationRule.Never, Validation: null),
                Loras = [],
            }
        );
        context.Add(
            new RecycleUnit
            {
                JobId = Job,
                Number = 0,
                Kind = UnitKind.Invert,
                Loras = [],
                State = UnitState.Queued,
                NotBefore = now.AddSeconds(-1),
            }
        );
        await context.SaveChangesAsync(Cancellation);
    }

    private static async Task<RecycleUnit> UnitAsync(StateDatabase database)
    {
        await using var context = await database.OpenAsync(Cancellation);
        return await context.Set<RecycleUnit>().AsNoTracking().SingleAsync(Cancellation);
    }

    /// <summary>The clock of a process that looks later.</summary>
    private sealed class Shifted(TimeSpan later) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + later;
    }
}
