using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using LoraRecycle.Client.Contracts;
using LoraRecycle.EndToEnd;
using LoraRecycle.Tests;

namespace LoraRecycle.Client.Tests;

/// <summary>LoRAs, jobs and meta-LoRAs by the client, on a tiny model.</summary>
public sealed class RecyclingTests(TinyServer server) : IDisposable
{
    private readonly LoraRecycleClient _client = server.Client();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Loras_are_uploaded_recycled_and_followed_over_broken_connections_and_the_result_is_activated()
    {
        using var packed = new TemporaryDirectory();
        var archive = Path.Combine(packed.Path, "packed.zip");
        await ZipFile.CreateFromDirectoryAsync(server.Uploads[1], archive, Cancellation);
        var folder = await _client.Loras.UploadAsync(server.Uploads[0], "from a folder", Cancellation);
        var zip = await _client.Loras.UploadAsync(archive, cancellationToken: Cancellation);
        Assert.Equal(("from a folder", "uploaded"), (folder.Name, folder.Origin));
        Assert.Equal(folder.Id, (await _client.Loras.UploadAsync(server.Uploads[0], cancellationToken: Cancellation)).Id);

        var request = Small("mine", folder.Id, zip.Id) with { Validation = new() { DataSet = "caltech101-72", Episodes = 2, Queries = 1 } };
        var job = await _client.Recycle.StartAsync(request, Cancellation);
        await using var proxy = new CuttingProxy(server.Address, cuts: 3, bytes: 1000);
        using var follower = new LoraRecycleClient(proxy.Address);
        var events = await follower.Recycle.FollowAsync(job.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);

        Assert.Equal(0, proxy.CutsLeft);
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(one => (int)one.Number));
        Assert.Equal(new StateEvent("succeeded", true, "mine", "") { Number = events.Count }, (StateEvent)events[^1] with { Message = "" });
        Assert.Equal(
            ["inverting", "distilling", "evaluating", "publishing"], events.OfType<StageEvent>().Select(one => one.Stage)
        );
        Assert.Contains(events, one => one is ProgressEvent { Kind: "distill", Loss: not null });
        Assert.Single(events.OfType<EvaluationEvent>());
        Assert.Empty(await _client.Recycle.FollowAsync(job.Id, events.Count, Cancellation).ToListAsync(Cancellation));

        var ended = await _client.Recycle.WaitAsync(job.Id, Cancellation);
        Assert.Equal("succeeded", ended.Job.State);
        Assert.Equal(2, (int)ended.Settings.Inversion["imagesPerClass"]!);
        Assert.NotNull(ended.Evaluation);
        var images = await _client.Recycle.ListImagesAsync(job.Id, from: 1, limit: 3, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(Enumerable.Range(1, 7), images.Select(one => one.Number));
        byte[] png = [0x89, (byte)'P', (byte)'N', (byte)'G'];
        Assert.Equal(png, (await _client.Recycle.GetImageAsync(job.Id, 7, Cancellation))[..4]);
        Assert.Equal(png, (await _client.Recycle.GetMaskAsync(job.Id, 7, 0.75, Cancellation))[..4]);
        Assert.Contains(job.Id, await _client.Recycle.ListAsync(limit: 1, Cancellation).Select(one => one.Id).ToListAsync(Cancellation));

        Assert.Equal("mine", (await _client.MetaLoras.ActivateAsync("mine", Cancellation)).Id);
        Assert.Equal("mine", (await _client.MetaLoras.GetActiveAsync(Cancellation)).Id);
        var made = await _client.MetaLoras.GetAsync("mine", Cancellation);
        Assert.Equal(("ready", false), (made.Status, made.Shipped));
        Assert.True((await _client.MetaLoras.GetAsync("first", Cancellation)).Shipped);
        Assert.Contains((await _client.MetaLoras.ListAsync(Cancellation)).MetaLoras, one => one.Id == "mine");
        Assert.Null(await _client.Recycle.DeleteAsync(job.Id, Cancellation));
    }

    [Fact]
    public async Task A_job_is_cancelled()
    {
        var loras = await Shipped();
        var request = Small("cancelled", loras) with { Inversion = new() { ["iterations"] = 100_000 } };
        var job = await _client.Recycle.StartAsync(request, Cancellation);

        Assert.NotNull(await _client.Recycle.DeleteAsync(job.Id, Cancellation));

        Assert.Equal("cancelled", (await _client.Recycle.WaitAsync(job.Id, Cancellation)).Job.State);
    }

    [Fact]
    public async Task The_market_is_listed_by_conditions_over_its_pages_and_a_lora_is_inspected_and_deleted()
    {
        var lora = await _client.Loras.UploadAsync(server.Uploads[^1], "to be deleted", Cancellation);
        var filter = new LoraFilter { Name = "to be *", Rank = lora.Rank, Origin = "uploaded" };
        Assert.Equal(lora.Id, Assert.Single(await _client.Loras.ListAsync(filter, 1, Cancellation).ToListAsync(Cancellation)).Id);
        Assert.Equal(2, (await Shipped()).Length);
        Assert.NotEmpty((await _client.Loras.GetAsync(lora.Id, Cancellation)).Spectrum!.Layers);
        Assert.StartsWith("<svg", await _client.Loras.DrawAsync(lora.Id, Cancellation), StringComparison.Ordinal);

        await _client.Loras.DeleteAsync(lora.Id, Cancellation);

        Assert.Empty(await _client.Loras.ListAsync(filter, 1, Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Events_have_what_the_client_knows_and_nothing_else()
    {
        var job = await _client.Recycle.StartAsync(
            Small("raw", await Shipped()) with { Validation = new() { DataSet = "caltech101-72", Episodes = 1, Queries = 1 } },
            Cancellation
        );
        await _client.Recycle.WaitAsync(job.Id, Cancellation);
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri($"{server.Address}/recycle/{job.Id}/events"), Cancellation);
        var strict = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        };

        var kinds = new HashSet<string>();
        foreach (var one in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(one => one[0] != ':'))
        {
            var fields = one.Split('\n').Select(line => line.Split(": ", 2)).ToDictionary(field => field[0], field => field[1]);
            var type = typeof(JobEvent).Assembly.GetTypes().Single(type =>
                type.BaseType == typeof(JobEvent) && type.Name.Equals($"{fields["event"]}Event", StringComparison.OrdinalIgnoreCase));
            Assert.NotNull(JsonSerializer.Deserialize(fields["data"], type, strict));
            kinds.Add(fields["event"]);
        }
        Assert.Equal(["evaluation", "progress", "stage", "state", "unit"], kinds.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_lora_is_not_read_into_memory_to_be_sent()
    {
        using var folder = new TemporaryDirectory();
        var path = Path.Combine(folder.Path, "large.zip");
        const long Large = 128 << 20;
        await using (var file = File.Create(path))
            file.SetLength(Large);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var problem = await Assert.ThrowsAsync<ProblemException>(() => _client.Loras.UploadAsync(path, cancellationToken: Cancellation));

        Assert.Equal("damaged-zip", problem.Code); // so all of it arrived
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, Large / 2);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_no_job_to_wait_for()
    {
        using var client = new LoraRecycleClient("http://127.0.0.1:9");

        await Assert.ThrowsAsync<HttpRequestException>(() => client.Recycle.WaitAsync("x", Cancellation));
    }

    [Fact]
    public async Task The_key_is_sent()
    {
        using var data = new TemporaryDirectory();
        var (code, output, error) = await CommandLineProcess.RunAsync(
            CommandLineProcess.Program, "key", "create", "--name", "test", "--scopes", "market", "--json", "--data-dir", data.Path
        );
        Assert.True(code == 0, error);
        await using var locked = await ServedProcess.StartAsync(
            $"--Models:Directory={TinyModel.Models}", $"--Models:Default={TinyModel.Name}", $"--Storage:Directory={data.Path}"
        );
        using var without = new LoraRecycleClient(locked.Address, "");
        using var with = new LoraRecycleClient(locked.Address, JsonDocument.Parse(output).RootElement.GetProperty("token").GetString());

        var unknown = await Assert.ThrowsAsync<ProblemException>(() => without.Recycle.ListDataSetsAsync(Cancellation));
        Assert.Equal("unauthorized", unknown.Code);
        Assert.NotEmpty((await with.Recycle.ListDataSetsAsync(Cancellation)).DataSets);
        Assert.Equal("forbidden", (await Assert.ThrowsAsync<ProblemException>(() => with.Server.GetLimitsAsync(Cancellation))).Code);
    }

    private async Task<string[]> Shipped() =>
        await _client.Loras.ListAsync(new LoraFilter { Origin = "shipped" }, 1, Cancellation)
            .Select(lora => lora.Id)
            .ToArrayAsync(Cancellation);

    private static RecycleRequest Small(string name, params string[] loras) => new()
    {
        Loras = loras,
        Name = name,
        Together = 1,
        Inversion = new() { ["iterations"] = 4, ["imagesPerClass"] = 2, ["reportEvery"] = 1 },
        Distillation = new() { ["iterations"] = 4, ["episodesPerStep"] = 1, ["queries"] = 1, ["rank"] = 2, ["reportEvery"] = 1 },
    };
}
