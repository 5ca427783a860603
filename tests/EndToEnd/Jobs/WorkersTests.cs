using System.Globalization;
using LoraRecycle.Tests;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace LoraRecycle.EndToEnd.Jobs;

/// <summary>A process that answers and three that work, all on one PostgreSQL and one data directory.</summary>
public sealed class WorkersTests(PostgresServer postgres) : IDisposable
{
    private const int Workers = 3;

    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-workers-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task With_a_worker_killed_in_the_middle_every_unit_is_done_once_and_the_answer_is_that_of_an_undisturbed_run()
    {
        string[] database =
        [
            "--State:Provider=postgresql",
            $"--State:ConnectionString={await postgres.CreateDatabaseAsync()}",
            "--Jobs:WorkerTimeout=00:00:04",
            "--Jobs:MaxAttempts=50",
        ];
        await using var api = await JobServer.StartAsync(_data, [.. database, "--Jobs:Role=api"]);
        var workers = await Task.WhenAll(
            Enumerable.Range(0, Workers).Select(_ => JobServer.StartAsync(_data, [.. database, "--Jobs:Role=worker"]))
        );
        try
        {
            using var client = new JobClient(api.Address);
            var loras = await client.LorasAsync(Workers + 1);
            var disturbed = await client.StartAsync(JobServer.Request(loras, "disturbed", JobServer.Long));
            var before = await client.FollowAsync(disturbed, until: one => one.Type == "progress");
            var victim = await OwnerAsync(client, disturbed, before[^1].Unit);
            await workers.Single(worker => worker.ProcessId == victim).KillAsync();
            var after = await client.FollowAsync(disturbed, before[^1].Number);

            Assert.True(after[^1].Is("state", "state", "succeeded"), after[^1].Data.ToString());
            var done = before.Concat(after).Where(one => one.Is("unit", "state", "done")).Select(one => one.Unit);
            Assert.Equal(Enumerable.Range(0, loras.Length + 1), done.Order());
            var units = (await client.GetAsync($"/recycle/{disturbed}")).GetProperty("units").EnumerateArray().ToArray();
            Assert.True(units[before[^1].Unit].GetProperty("attempts").GetInt32() > 1);
            Assert.True(units.Select(unit => unit.GetProperty("worker").GetString()).Distinct().Count() > 1);
            Assert.DoesNotContain(units, unit => PidOf(unit.GetProperty("worker").GetString()!) == victim);

            var undisturbed = await client.StartAsync(JobServer.Request(loras, "undisturbed", JobServer.Long));
            Assert.True((await client.FollowAsync(undisturbed))[^1].Is("state", "state", "succeeded"));
            Assert.Equal(JobServer.Weights(_data, "undisturbed"), JobServer.Weights(_data, "disturbed"));
        }
        finally
        {
            foreach (var worker in workers)
                await worker.DisposeAsync();
        }
    }

    private static async Task<int> OwnerAsync(JobClient client, string job, int unit) =>
        PidOf((await client.GetAsync($"/recycle/{job}")).GetProperty("units")[unit].GetProperty("worker").GetString()!);

    /// <summary>A worker is called after its machine and its process.</summary>
    private static int PidOf(string worker) => int.Parse(worker.Split('-')[^2], CultureInfo.InvariantCulture);
}
