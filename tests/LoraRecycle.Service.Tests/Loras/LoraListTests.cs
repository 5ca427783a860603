using System.Text.Json;
using LoraRecycle.Service.Tests.Serving;

namespace LoraRecycle.Service.Tests.Loras;

/// <summary>The listing part by part, what it is narrowed down to, and how much is kept.</summary>
public sealed class LoraListTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-list-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static string[] Ids(JsonElement page) => [.. page.GetProperty("loras").EnumerateArray().Select(lora => lora.Id())];

    private static string? Next(JsonElement page) => page.GetProperty("next").GetString();

    [Fact]
    public async Task Parts_follow_one_another_in_the_order_of_arrival_also_when_loras_come_and_go_between_them()
    {
        await using var service = await MarketService.StartAsync(_data);
        var ids = new List<string>();
        for (var seed = 0; seed < 5; seed++)
            ids.Add((await service.AddAsync(LoraSamples.Peft(seed))).Id());
        var first = await service.GetAsync("/loras?limit=2");
        Assert.Equal(ids[..2], Ids(first));

        // The one that the next part follows goes, and so does one of that part.
        foreach (var gone in new[] { ids[1], ids[3] })
            using (await service.DeleteAsync(gone)) { }
        var second = await service.GetAsync($"/loras?limit=2&after={Next(first)}");
        Assert.Equal([ids[2], ids[4]], Ids(second));
        Assert.Null(Next(second));
        var added = (await service.AddAsync(LoraSamples.Peft(9))).Id();
        Assert.Equal([ids[0], ids[2]], Ids(await service.GetAsync("/loras?limit=2")));
        Assert.Equal([ids[0], ids[2], ids[4], added], Ids(await service.GetAsync("/loras")));
    }

    [Fact]
    public async Task It_is_narrowed_down_by_name_family_rank_and_origin_together()
    {
        await using var service = await MarketService.StartAsync(_data);
        var cups = (await service.AddAsync(LoraSamples.Peft(1), "Cups & chairs")).Id();
        var ewers = (await service.AddAsync(LoraSamples.Peft(2), "ewers")).Id();
        var nameless = (await service.AddAsync(LoraSamples.Peft(3))).Id();

        async Task ListsAsync(string query, params string[] ids) => Assert.Equal(ids, Ids(await service.GetAsync($"/loras?{query}")));
        await ListsAsync("name=Cups*", cups);
        await ListsAsync("name=*%26*", cups);
        await ListsAsync("name=cups*");
        await ListsAsync("family=lora&rank=2&origin=uploaded", cups, ewers, nameless);
        await ListsAsync("family=lora&rank=2&name=ewer?&limit=1", ewers);
        await ListsAsync("rank=3");
        await ListsAsync("family=dora");
        await ListsAsync("origin=shipped");
        await ListsAsync("name=*", cups, ewers); // one without a name fits no pattern
    }

    [Theory]
    [InlineData("limit=0", "wrong-type", "limit")]
    [InlineData("limit=1001", "wrong-type", "limit")]
    [InlineData("limit=two", "wrong-type", "limit")]
    [InlineData("limit=1&limit=2", "wrong-type", "limit")]
    [InlineData("rank=-1", "wrong-type", "rank")]
    [InlineData("rank=99999999999", "wrong-type", "rank")]
    [InlineData("origin=mine", "wrong-type", "origin")]
    [InlineData("name=", "wrong-type", "name")]
    [InlineData("after=1", "wrong-type", "after")]
    [InlineData("after=x.0000000000000000000000000000000000000000000000000000000000000000", "wrong-type", "after")]
    [InlineData("ranks=2", "unknown-field", "ranks")]
    public async Task A_query_that_cannot_be_read_is_refused_by_its_parameter(string query, string code, string field)
    {
        await using var service = await MarketService.StartAsync(_data);
        using var response = await service.Client.GetAsync(
            new Uri($"/loras?{query}", UriKind.Relative),
            TestContext.Current.CancellationToken
        );

        await response.IsProblemAsync(422, code, field);
    }

    [Fact]
    public async Task Beyond_the_quota_of_loras_a_new_one_is_refused_and_a_known_one_is_not()
    {
        await using var service = await MarketService.StartAsync(_data, "--Loras:QuotaCount", "1");
        var files = LoraSamples.Peft(1);
        var id = (await service.AddAsync(files)).Id();
        using (var refused = await service.PostAsync(LoraSamples.Peft(2)))
            Assert.Contains(
                "found 1.",
                (await refused.IsProblemAsync(507, "lora-quota-exceeded")).GetProperty("detail").GetString(),
                StringComparison.Ordinal
            );
        using (var same = await service.PostAsync(files))
            await same.AnswerAsync();
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_data, "uploads")));

        using (await service.DeleteAsync(id)) { }
        await service.AddAsync(LoraSamples.Peft(2));
    }

    [Fact]
    public async Task Beyond_the_quota_of_bytes_it_is_refused_with_the_figures()
    {
        var files = LoraSamples.Peft(1);
        var bytes = files.Values.Sum(content => (long)content.Length);
        await using var service = await MarketService.StartAsync(_data, "--Loras:QuotaBytes", $"{(2 * bytes) - 1}");
        await service.AddAsync(files);
        using var refused = await service.PostAsync(LoraSamples.Peft(2));

        var detail = (await refused.IsProblemAsync(507, "lora-quota-exceeded")).GetProperty("detail").GetString();
        Assert.Contains($"at most {(2 * bytes) - 1} bytes", detail, StringComparison.Ordinal);
        Assert.Contains($"found {bytes}", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_still_arriving_counts_and_is_given_back_when_it_does_not_come_to_its_end()
    {
        const int Quota = 1 << 20;
        await using var service = await MarketService.StartAsync(_data, "--Loras:QuotaBytes", $"{Quota}");
        using var most = new SlowPart(Quota * 3 / 4);
        var first = service.PostAsync(most);
        await most.Sent.WaitAsync(TestContext.Current.CancellationToken);
        await ControlledService.UntilAsync(() => ArrivedBytes() >= Quota * 3 / 4, () => "most of the first one to be on disk");

        using (var refused = await service.PostAsync([KeyValuePair.Create(LoraSamples.Tensors, new byte[Quota / 2])]))
            Assert.Contains(
                "that are arriving",
                (await refused.IsProblemAsync(507, "lora-quota-exceeded")).GetProperty("detail").GetString(),
                StringComparison.Ordinal
            );
        most.End();
        using (var incomplete = await first)
            Assert.Equal(422, (int)incomplete.StatusCode);
        await service.AddAsync(LoraSamples.Peft(1));
    }

    private long ArrivedBytes() =>
        new DirectoryInfo(Path.Combine(_data, "uploads")) is { Exists: true } uploads
            ? uploads.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length)
            : 0;

    /// <summary>A file whose last byte is kept back.</summary>
    private sealed class SlowPart(int bytes) : HttpContent
    {
        private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Sent => _sent.Task;

        public void End() => _end.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync(new byte[bytes]);
            await stream.FlushAsync();
            _sent.TrySetResult();
            await _end.Task;
            await stream.WriteAsync(new byte[1]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes + 1;
            return true;
        }
    }

    [Fact]
    public async Task Many_new_ones_at_once_do_not_pass_the_quota()
    {
        await using var service = await MarketService.StartAsync(_data, "--Loras:QuotaCount", "2");
        var responses = await Task.WhenAll(Enumerable.Range(0, 5).Select(seed => service.PostAsync(LoraSamples.Peft(seed))));

        Assert.Equal([201, 201, 507, 507, 507], responses.Select(response => (int)response.StatusCode).Order());
        Assert.Equal(2, (await service.IdsAsync()).Length);
        foreach (var response in responses)
            response.Dispose();
    }
}
