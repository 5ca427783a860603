using LoraRecycle.Service.Tests.Serving;
using LoraRecycle.Service.Tests.State;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.MetaLoras;

/// <summary>An activation outlives the process, and reaches those that share its database.</summary>
public sealed class KeptActivationTests(PostgresServer postgres) : IDisposable
{
    private readonly MetaLoraFolder _folder = new MetaLoraFolder().Add("one", seed: 1).Add("two", seed: 2);

    public void Dispose() => _folder.Dispose();

    private static async Task<string> ActiveAsync(AdapterService service) =>
        (await service.GetAsync("/meta-loras/active")).GetProperty("id").GetString()!;

    private static async Task ActivateAsync(AdapterService service, string id)
    {
        using var response = await service.ActivateAsync(id);
        await response.AnswerAsync();
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task It_is_seen_by_the_other_process_and_after_a_restart(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, postgres);
        await using (var first = await AdapterService.StartAsync(_folder, "one", database.Settings))
        await using (var second = await AdapterService.StartAsync(_folder, "one", database.Settings))
        {
            foreach (
                var (at, other, id) in new[]
                {
                    (first, second, "two"),
                    (second, first, "none"),
                    (first, second, "one"),
                    (second, first, "two"),
                }
            )
            {
                await ActivateAsync(at, id);
                Assert.Equal(id, await ActiveAsync(at));
                await ControlledService.UntilAsync(() => ActiveAsync(other).Result == id, () => $"{id} to be active in the other process");
                Assert.Equal(id, (await other.ClassifyAsync(null)).MetaLora());
            }
        }
        await using var restarted = await AdapterService.StartAsync(_folder, "one", database.Settings);
        Assert.Equal("two", (await restarted.ClassifyAsync(null)).MetaLora());
        Assert.Equal("two", await ActiveAsync(restarted));
    }

    [Fact]
    public async Task Processes_that_activate_at_once_agree_in_the_end()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var first = await AdapterService.StartAsync(_folder, "one", database.Settings);
        await using var second = await AdapterService.StartAsync(_folder, "one", database.Settings);
        for (var round = 0; round < 5; round++)
            await Task.WhenAll(ActivateAsync(first, "one"), ActivateAsync(second, "two"), ActivateAsync(first, "none"));

        // Until both have looked at what came last.
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        await ControlledService.UntilAsync(
            () => ActiveAsync(first).Result == ActiveAsync(second).Result,
            () => "both to have the same one"
        );
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.Equal(await ActiveAsync(first), await ActiveAsync(second));
    }

    [Fact]
    public async Task What_is_gone_after_a_restart_gives_way_to_the_setting_until_it_is_back()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using (var service = await AdapterService.StartAsync(_folder, "one", database.Settings))
            await ActivateAsync(service, "two");
        Directory.Move(_folder["two"], _folder["elsewhere.tmp"]);

        await using var restarted = await AdapterService.StartAsync(_folder, "one", database.Settings);
        Assert.Equal("one", (await restarted.ClassifyAsync(null)).MetaLora());
        Directory.Move(_folder["elsewhere.tmp"], _folder["two"]);
        await ControlledService.UntilAsync(() => ActiveAsync(restarted).Result == "two", () => "the one that is back to be active");
    }

    [Fact]
    public async Task One_that_cannot_be_kept_does_not_become_active()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await AdapterService.StartAsync(_folder, "one", database.Settings);
        Directory.CreateDirectory(Path.Combine(database.Folder, "state.db")); // where SQLite's file belongs
        using (var refused = await service.ActivateAsync("two"))
            await refused.IsProblemAsync(503, "state-unavailable");

        Assert.Equal("one", (await service.ClassifyAsync(null)).MetaLora());
    }
}
