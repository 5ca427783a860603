using System.Diagnostics;
using System.Globalization;
using LoraRecycle.Service.Platform.Security;

namespace LoraRecycle.Service.Tests.Jobs;

public sealed class JobEventsTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-events-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_client_that_has_all_events_is_connected_at_once_and_hears_in_a_comment_that_the_stream_lives()
    {
        await using var service = await JobService.StartAsync(_data);
        var job = await service.StartJobAsync((await service.LorasAsync(1))[0], iterations: 1_000_000);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/recycle/{job}/events")
        {
            Headers = { { "Last-Event-ID", "1000000" } },
        };
        var asked = Stopwatch.StartNew();
        using var response = await service.Client.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        var connected = asked.Elapsed;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

        Assert.Equal(": still here", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal("", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.InRange(connected, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.InRange(asked.Elapsed, TimeSpan.FromSeconds(14), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task The_stream_of_a_key_that_is_revoked_ends()
    {
        var store = new ApiKeyStore(_data, TimeProvider.System);
        var token = store.Create("trainer", [ApiScopes.Market, ApiScopes.Admin]).Token;
        await using var service = await JobService.StartAsync(_data);
        service.Client.DefaultRequestHeaders.Add("X-Api-Key", token);
        var job = await service.StartJobAsync((await service.LorasAsync(1))[0], iterations: 1_000_000);
        using var response = await service.Client.GetAsync(
            new Uri($"/recycle/{job}/events", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(await reader.ReadLineAsync(TestContext.Current.CancellationToken));

        var revoked = Stopwatch.StartNew();
        store.Revoke("trainer");
        using var longest = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        longest.CancelAfter(TimeSpan.FromSeconds(30));
        await reader.ReadToEndAsync(longest.Token);

        Assert.InRange(revoked.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task The_first_event_says_when_to_come_again_and_the_last_ends_the_stream()
    {
        await using var service = await JobService.StartAsync(_data);
        var job = await service.StartJobAsync((await service.LorasAsync(1))[0], iterations: 1);
        var blocks = (await service.FollowAsync(job)).ReplaceLineEndings("\n").TrimEnd('\n').Split("\n\n");

        Assert.Contains("retry: 1000", blocks[0], StringComparison.Ordinal);
        Assert.DoesNotContain(blocks[1..], block => block.Contains("retry:", StringComparison.Ordinal));
        Assert.Equal(
            Enumerable.Range(1, blocks.Length),
            blocks.Select(block => int.Parse(block.Split("\nid: ")[1].Split('\n')[0], CultureInfo.InvariantCulture))
        );
        Assert.Contains("\"final\":true", blocks[^1], StringComparison.Ordinal);
    }
}
