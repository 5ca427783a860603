using LoraRecycle.Tests;
using Microsoft.Data.Sqlite;

namespace LoraRecycle.Service.Tests.State;

/// <summary>Several who need the database when it is not there yet.</summary>
public sealed class PreparationTests(PostgresServer postgres)
{
    [Fact]
    public async Task Who_blocks_after_it_keeps_nobody_else_from_going_on()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        using var state = database.Open();
        using var other = new ManualResetEventSlim();
        Task first, second;
        // Both wait for the same preparation, which ends when the lock is given up.
        await using (var connection = new SqliteConnection($"Data Source={database.Connection.SqliteFile};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using (var command = connection.CreateCommand())
            {
                command.CommandText = "BEGIN EXCLUSIVE";
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
            first = PrepareAsync(() => Assert.True(other.Wait(TimeSpan.FromSeconds(30)), "The other one did not go on."));
            second = PrepareAsync(other.Set);
            Assert.False(first.IsCompleted || second.IsCompleted);
        }
        await Task.WhenAll(first, second);

        async Task PrepareAsync(Action next)
        {
            await state.PrepareAsync(TestContext.Current.CancellationToken);
            next();
        }
    }
}
