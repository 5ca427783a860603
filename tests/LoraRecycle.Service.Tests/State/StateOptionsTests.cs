using LoraRecycle.Service.Host;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace LoraRecycle.Service.Tests.State;

public sealed class StateOptionsTests(PostgresServer postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Error(params string[] settings)
    {
        var thrown = Assert.ThrowsAny<Exception>(() => ServiceHost.Build(["--Models:Directory", Repository.PathOf("models"), .. settings]));
        Assert.True(ConfigurationErrors.TryFind(thrown, out var errors), thrown.ToString());
        return Assert.Single(errors);
    }

    [Theory]
    [InlineData("State:Provider", "--State:Provider", "mysql")]
    [InlineData("State:ConnectionString", "--State:Provider", "postgresql")]
    [InlineData("State:ConnectionString", "--State:Provider", "postgresql", "--State:ConnectionString", "Host=db;Password=hunter2")]
    [InlineData("State:ConnectionString", "--State:Provider", "postgresql", "--State:ConnectionString", "Server db hunter2")]
    [InlineData("State:ConnectionString", "--State:Provider", "postgresql", "--State:ConnectionString", "Host=db;Database=x;Port=hunter2")]
    [InlineData("State:ConnectionString", "--State:ConnectionString", "Data Source=hunter2")]
    public void Settings_that_cannot_be_meant_stop_the_start_and_show_no_secret(string setting, params string[] settings)
    {
        var error = Error(settings);

        Assert.StartsWith($"{setting}:", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_away_stops_no_start_and_is_found_when_it_is_back()
    {
        using var test = await TestDatabase.CreateAsync(StateOptions.Sqlite, postgres);
        var data = Path.Combine(test.Folder, "data");
        Directory.CreateDirectory(Path.Combine(data, "state.db")); // a folder in the file's place
        await using var app = await RunningService.StartAsync("--Storage:Directory", data);
        var settings = app.Services.GetRequiredService<SettingStore>();
        await Assert.ThrowsAsync<StateUnavailableException>(() => settings.FindAsync("key", Cancellation));
        Directory.Delete(Path.Combine(data, "state.db"), recursive: true);

        Assert.Null(await settings.FindAsync("key", Cancellation));
    }

    [Fact]
    public async Task A_service_that_remembers_nothing_makes_no_data_directory()
    {
        var data = Path.Combine(Path.GetTempPath(), $"lora-recycle-none-{Guid.NewGuid():N}");
        await using var app = await RunningService.StartAsync("--Storage:Directory", data);

        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task A_server_of_postgresql_that_does_not_answer_is_a_database_that_is_away()
    {
        await using var app = await RunningService.StartAsync(
            "--State:Provider",
            "postgresql",
            "--State:ConnectionString",
            "Host=127.0.0.1;Port=1;Database=x;Username=x;Password=hunter2"
        );
        var thrown = await Assert.ThrowsAsync<StateUnavailableException>(() =>
            app.Services.GetRequiredService<SettingStore>().FindAsync("key", Cancellation)
        );

        Assert.DoesNotContain("hunter2", thrown.ToString(), StringComparison.Ordinal);
    }
}
