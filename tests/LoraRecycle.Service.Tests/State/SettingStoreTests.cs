using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.State;

public sealed class SettingStoreTests(PostgresServer postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task What_was_set_is_there_for_another_process(string provider)
    {
        using var test = await TestDatabase.CreateAsync(provider, postgres);
        using (var first = test.Open())
        {
            Assert.Null(await new SettingStore(first).FindAsync("meta-lora", Cancellation));
            await new SettingStore(first).SetAsync("meta-lora", "one", Cancellation);
            await new SettingStore(first).SetAsync("meta-lora", "two", Cancellation);
        }
        using var second = test.Open();
        var setting = await new SettingStore(second).FindAsync("meta-lora", Cancellation);

        Assert.Equal(("two", 2), (setting!.Value, setting.Version));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Of_those_who_set_at_once_none_fails_and_each_has_a_version_of_its_own(string provider)
    {
        using var test = await TestDatabase.CreateAsync(provider, postgres);
        using var database = test.Open();
        var store = new SettingStore(database);
        var set = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(value => Task.Run(() => store.SetAsync("key", $"{value}", Cancellation), Cancellation))
        );
        var last = await store.FindAsync("key", Cancellation);

        Assert.Equal(Enumerable.Range(1, 8).Select(version => (long)version), set.Select(setting => setting.Version).Order());
        Assert.Equal(set.Single(setting => setting.Version == 8).Value, last!.Value);
    }
}
