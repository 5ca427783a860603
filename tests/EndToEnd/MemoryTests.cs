using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>
/// What comes and goes for a long time leaves the real process as large as it was. Each round does the same work as the one
/// before, so after the warm-up nothing but a leak grows.
/// </summary>
public sealed class MemoryTests : IDisposable
{
    private const int Rounds = 200;

    /// <summary>
    /// What the resident set may grow by: the allocators of the runtime and of the C library keep what they have had, and take
    /// some hundred rounds until they have had everything. A model (400 KB) or a LoRA's files (200 KB) kept by each round would
    /// be more, and a tensor that is not freed is counted by itself.
    /// </summary>
    private const double BoundMegabytes = 32;

    private readonly MetaLoraFolder _metaLoras = new MetaLoraFolder()
        .Add("one", seed: 1, rank: 64)
        .Add("two", seed: 2)
        .Add("three", seed: 3);
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-memory-").FullName;

    public void Dispose()
    {
        _metaLoras.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private Task<ServedProcess> StartAsync() =>
        ServedProcess.StartAsync(
            $"--Models:Directory={TinyModel.Models}",
            $"--Models:Default={TinyModel.Name}",
            $"--Storage:Directory={_data}",
            $"--Models:MetaLoras={_metaLoras.Path}",
            "--Models:MetaLora=none",
            "--Models:MaxLoaded=2",
            "--Serving:Device=cpu,cpu",
            "--Serving:Threads=1",
            "--Cache:Bytes=1048576",
            "--Loras:Market=none",
            "--Serilog:MinimumLevel:Default=Error"
        );

    [Fact]
    public async Task Swaps_under_load_on_two_devices_leave_memory_where_it_was()
    {
        await using var server = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        using var done = new CancellationTokenSource();
        var load = Enumerable.Range(0, 2).Select(_ => ClassifyAsync(http, done.Token)).ToArray();
        var ids = new[] { "one", "two", "three", "none" };
        async Task SwapAsync(int rounds)
        {
            for (var round = 0; round < rounds; round++)
                using (
                    var swapped = await http.PutAsJsonAsync(
                        "/meta-loras/active",
                        new { id = ids[round % ids.Length] },
                        TestContext.Current.CancellationToken
                    )
                )
                    Assert.Equal(HttpStatusCode.OK, swapped.StatusCode);
        }
        await SwapAsync(80); // ends as the rounds do: on the same meta-LoRA, with the same others loaded
        var before = await SettledAsync(http);
        await SwapAsync(Rounds);
        var after = await SettledAsync(http);
        await done.CancelAsync();

        Assert.All(await Task.WhenAll(load), answered => Assert.True(answered > 0));
        AssertLeftWhereItWas(before, after);
    }

    [Fact]
    public async Task Uploads_and_deletions_leave_memory_where_it_was()
    {
        await using var server = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        var next = 0;
        async Task UploadAsync(int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                using var added = await http.PostAsync("/loras", Lora(next++), TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.Created, added.StatusCode);
                using var deleted = await http.DeleteAsync(added.Headers.Location, TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            }
        }
        await UploadAsync(150);
        var before = await SettledAsync(http);
        await UploadAsync(Rounds);
        var after = await SettledAsync(http);

        AssertLeftWhereItWas(before, after);
        Assert.Empty(
            Directory
                .GetFileSystemEntries(Path.Combine(_data, "loras"))
                .Concat(Directory.GetFileSystemEntries(Path.Combine(_data, "uploads")))
        );
    }

    private static void AssertLeftWhereItWas(Memory before, Memory after)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"before: {before}\nafter: {after}");
        Assert.True(after.Tensors <= before.Tensors, $"Expected no more tensors than before, {before}; after: {after}.");
        Assert.True(
            after.Megabytes <= before.Megabytes + BoundMegabytes,
            $"Expected at most {BoundMegabytes} MB more than before, {before}; after: {after}."
        );
    }

    /// <summary>One that no other number is the same as.</summary>
    private MultipartFormDataContent Lora(int number)
    {
        var tensors = File.ReadAllBytes(Path.Combine(_metaLoras["one"], "adapter_model.safetensors"));
        BitConverter.TryWriteBytes(tensors.AsSpan(^4..), number * 1e-6f);
        return new MultipartFormDataContent
        {
            { new ByteArrayContent(tensors), "adapter_model.safetensors", "adapter_model.safetensors" },
            {
                new ByteArrayContent(File.ReadAllBytes(Path.Combine(_metaLoras["one"], "adapter_config.json"))),
                "adapter_config.json",
                "adapter_config.json"
            },
        };
    }

    /// <returns>How many requests were answered before the end.</returns>
    private static async Task<int> ClassifyAsync(HttpClient http, CancellationToken end)
    {
        var images = new[] { "cup", "chair", "ewer" }.ToDictionary(
            name => name,
            name => Directory.GetFiles(Repository.PathOf("samples", name), "*.jpg").Order(StringComparer.Ordinal).ToArray()
        );
        var random = new Random(1);
        for (var answered = 0; ; answered++)
        {
            if (end.IsCancellationRequested)
                return answered;
            using var form = new MultipartFormDataContent
            {
                {
                    new ByteArrayContent(await File.ReadAllBytesAsync(images["cup"][random.Next(5)], CancellationToken.None)),
                    "support[cup]",
                    "photograph.jpg"
                },
                {
                    new ByteArrayContent(await File.ReadAllBytesAsync(images["chair"][random.Next(5)], CancellationToken.None)),
                    "support[chair]",
                    "photograph.jpg"
                },
                {
                    new ByteArrayContent(await File.ReadAllBytesAsync(images["ewer"][random.Next(5)], CancellationToken.None)),
                    "query",
                    "photograph.jpg"
                },
            };
            using var response = await http.PostAsync("/classify", form, CancellationToken.None);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    /// <summary>The least of several looks: what a request under way takes, or a collection has still to free, is no leak.</summary>
    private static async Task<Memory> SettledAsync(HttpClient http)
    {
        var looks = new List<Memory>();
        for (var look = 0; look < 20; look++)
        {
            looks.Add(await MeasureAsync(http));
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        return new Memory(looks.Min(look => look.Megabytes), looks.Min(look => look.Tensors));
    }

    private static async Task<Memory> MeasureAsync(HttpClient http)
    {
        var metrics = await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        double Value(string name) =>
            double.Parse(Regex.Match(metrics, $@"(?m)^{name}\S* (\S+)$").Groups[1].Value, CultureInfo.InvariantCulture);
        return new Memory(Value("dotnet_process_memory_working_set_bytes") / 1e6, Value("lora_recycle_tensors"));
    }

    private sealed record Memory(double Megabytes, double Tensors);
}
