using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd.Fuzz;

/// <summary>
/// Good requests for every route of the OpenAPI document, changed in thousands of ways. <c>FUZZ_REQUESTS</c> and
/// <c>FUZZ_SEED</c> in the environment make it longer, and other.
/// </summary>
public sealed class FuzzTests
{
    private const int Clients = 4;
    private const int FailuresShown = 10;

    private static readonly int Requests = Setting("FUZZ_REQUESTS", 3_000);
    private static readonly int Seed = Setting("FUZZ_SEED", 20260101);

    [Fact]
    public async Task Whatever_is_sent_only_answers_and_problems_come_back_and_nothing_that_is_kept_changes()
    {
        TestContext.Current.SendDiagnosticMessage($"FUZZ_REQUESTS={Requests} FUZZ_SEED={Seed}");
        using var place = await TinyInstallation.MakeAsync();
        await using var server = await ServedProcess.StartAsync([
            .. place.Settings,
            "--Limits:RequestBytes=3000000",
            "--Limits:ImagesPerRequest=60",
            "--Loras:UploadBytes=3000000",
            "--Loras:UnpackedBytes=4000000",
            "--Serilog:MinimumLevel:Default=Error",
        ]);
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        var uploaded = new List<string>();
        foreach (var folder in place.Uploads.Take(4))
            uploaded.Add(await UploadAsync(http, folder));
        var (kept, doomed) = (uploaded[..2], uploaded[2..]);
        var shipped = JsonNode.Parse(await GetAsync(http, "/loras"))!["loras"]!
            .AsArray()
            .Where(lora => (string)lora!["origin"]! == "shipped")
            .Select(lora => (string)lora!["id"]!)
            .ToArray();
        Assert.NotEmpty(shipped);
        var photographs = Directory
            .GetFiles(Repository.PathOf("samples", "cup"), "*.jpg")
            .Order(StringComparer.Ordinal)
            .Take(3)
            .Select(File.ReadAllBytes)
            .ToArray();
        var document = JsonNode.Parse(await GetAsync(http, "/swagger/v1/swagger.json"))!;
        var task = await AddAsync(http, document, "/tasks", Seeds.Task(photographs, "none"));
        var job = await AddAsync(http, document, "/recycle", Seeds.Recycling(shipped, "made"));
        var tuning = await AddAsync(http, document, "/tune", Seeds.Tuning(photographs, "lora"));
        var routes = new Seeds(place.Uploads, [.. kept, .. shipped], [.. doomed, .. shipped, new string('0', 64)], task, job, tuning)
            .For(document);
        var before = await KeptAsync(http, [.. kept, .. shipped]);

        var failures = new ConcurrentQueue<string>();
        var answered = new ConcurrentDictionary<int, int>();
        var next = -1;
        var (tenths, tenth) = (new long[10], Math.Max(1, Requests / 10));
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            for (int number; (number = Interlocked.Increment(ref next)) < Requests && failures.Count < FailuresShown && !server.HasExited;)
            {
                if (number % tenth == 0)
                    tenths[Math.Min(9, number / tenth)] = server.WorkingSet >> 20;
                var (route, request) = Generate(number, routes);
                var answer = await SendAsync(server, request, failures, number, route);
                answered.AddOrUpdate(answer.Status, 1, (_, count) => count + 1);
            }
        })));

        TestContext.Current.SendDiagnosticMessage(
            $"Memory before each tenth: {string.Join(", ", tenths)} MB; {server.WorkingSet >> 20} MB at the end"
        );
        Assert.False(server.HasExited, $"The process died.\n{server.Output}\n{string.Join('\n', failures)}");
        Assert.True(failures.IsEmpty, $"FUZZ_SEED={Seed}: {string.Join("\n\n", failures)}\n\nThe server says:\n{Tail(server.Output)}");
        // Were all of them refused at the door, nothing would be tested.
        Assert.All(
            [200, 400, 404, 405, 413, 415, 422],
            status => Assert.True(answered.GetValueOrDefault(status) > 0, $"Not one answer was {status}.")
        );
        Assert.Equal(before, await KeptAsync(http, [.. kept, .. shipped]));
        MarketOnDisk.AssertWhole(place.Data);
        Assert.All(kept, id => Assert.Contains(id, MarketOnDisk.Ids(place.Data)));
        Assert.Empty(MarketOnDisk.Leftovers(place.Data));
        Assert.Equal(0, await server.TerminateAsync());
    }

    private static (string Route, FuzzRequest Request) Generate(
        int number,
        IReadOnlyList<(string Route, Func<Random, FuzzRequest>[] Seeds)> routes
    )
    {
        // By its number, so that each can be made again, whichever client it falls to.
        var random = new Random(unchecked((Seed * 486187739) + number));
        var bodies = routes.Where(route => route.Route.StartsWith('P')).ToArray();
        var (route, seeds) = random.Next(3) == 0 ? random.Pick(routes) : random.Pick(bodies);
        var request = random.Pick(seeds)(random);
        Mutator.Change(random, request);
        return (route, request);
    }

    private static async Task<RawAnswer> SendAsync(
        ServedProcess server,
        FuzzRequest request,
        ConcurrentQueue<string> failures,
        int number,
        string route
    )
    {
        var bytes = request.Render();
        var answer = RawAnswer.None;
        string? wrong;
        try
        {
            answer = await RawHttp.SendAsync(new Uri(server.Address), bytes, request.HangsUp, request.IsStream);
            wrong = AnswerCheck.Wrong(request, answer);
        }
        catch (Exception exception) when (exception is TimeoutException or System.Net.Sockets.SocketException)
        {
            wrong = exception.Message;
        }
        if (wrong is not null)
        {
            var folder = Repository.PathOf("artifacts", "fuzz");
            Directory.CreateDirectory(folder);
            var file = Path.Combine(folder, $"{Seed}-{number}.http");
            await File.WriteAllBytesAsync(file, bytes);
            await File.WriteAllTextAsync($"{file}.txt", wrong);
            failures.Enqueue(
                $"Request {number} ({route}; changed: {string.Join(", ", request.Changes)}): {wrong}\nSend it again: nc 127.0.0.1 "
                    + $"8080 < {file}"
            );
        }
        return answer;
    }

    /// <summary>What must be the same after it all: answers to a normal request, and what is known of LoRAs.</summary>
    private static async Task<string> KeptAsync(HttpClient http, IEnumerable<string> ids)
    {
        var kept = new JsonArray();
        foreach (var metaLora in TinyInstallation.MetaLoras.Append("none"))
        {
            using var form = new MultipartFormDataContent { { new StringContent(metaLora), "metaLora" } };
            foreach (var label in new[] { "cup", "chair" })
                foreach (
                    var (name, file) in new[] { $"support[{label}]", "query" }.Zip(
                        Directory.GetFiles(Repository.PathOf("samples", label), "*.jpg").Order(StringComparer.Ordinal)
                    )
                )
                    form.Add(new ByteArrayContent(await File.ReadAllBytesAsync(file)), name, "photograph.jpg");
            using var answer = await http.PostAsync("/classify", form, TestContext.Current.CancellationToken);
            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            Assert.True(answer.IsSuccessStatusCode, body.ToJsonString());
            kept.Add(new JsonObject { ["predictions"] = body["predictions"]!.DeepClone(), ["model"] = body["model"]!.DeepClone() });
        }
        foreach (var id in ids)
        {
            var lora = JsonNode.Parse(await GetAsync(http, $"/loras/{id}"))!;
            lora["lora"]!.AsObject().Remove("inUse"); // by whichever jobs there are
            kept.Add(lora);
        }
        return kept.ToJsonString();
    }

    private static async Task<string> UploadAsync(HttpClient http, string folder)
    {
        using var form = new MultipartFormDataContent();
        foreach (var path in Directory.GetFiles(folder))
        {
            var part = new ByteArrayContent(await File.ReadAllBytesAsync(path));
            part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            form.Add(part, Path.GetFileName(path), Path.GetFileName(path));
        }
        using var answer = await http.PostAsync("/loras", form, TestContext.Current.CancellationToken);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, body);
        return (string)JsonNode.Parse(body)!["id"]!;
    }

    /// <summary>Adds something by a JSON body, where the document has such a route, and tells its id.</summary>
    private static async Task<string> AddAsync(HttpClient http, JsonNode document, string path, string json)
    {
        if (document["paths"]![path]?["post"] is null)
            return new string('0', 32);
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(path, content, TestContext.Current.CancellationToken);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, body);
        return answer.Headers.Location!.OriginalString.Split('/')[^1];
    }

    private static Task<string> GetAsync(HttpClient http, string path) => http.GetStringAsync(path, TestContext.Current.CancellationToken);

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : otherwise;

    private static string Tail(string text) => text.Length > 8_000 ? text[^8_000..] : text;
}
