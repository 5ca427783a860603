using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LoraRecycle.Bench.Soak;

/// <summary>Clients that wait for their answers, and count as let down when there is none.</summary>
internal sealed class PoliteClients(HttpClient http, SoakOptions options, SoakLedger ledger, Stopwatch clock)
{
    private static readonly string[] Looks =
    [
        "/loras",
        "/meta-loras",
        "/models",
        "/metrics",
        "/healthz/ready",
        "/healthz/live",
        "/meta-loras/active",
        "/swagger/v1/swagger.json",
    ];

    /// <summary>Episodes of new photographs, as fast as they are answered.</summary>
    public Task ClassifyAsync(CancellationToken stop) => LoopAsync("classify", TimeSpan.Zero, async number =>
    {
        var started = clock.Elapsed.TotalSeconds;
        using var content = BenchEpisode.Fresh(options.Samples).ToContent();
        using var answer = await http.PostAsync(new Uri("/classify", UriKind.Relative), content, CancellationToken.None);
        await NoteAsync("classify", answer, expected: 200);
        if (answer.IsSuccessStatusCode) ledger.Waited(started, clock.Elapsed.TotalSeconds - started);
    }, stop);

    /// <summary>Another meta-LoRA, twice a second.</summary>
    public async Task SwapAsync(CancellationToken stop)
    {
        var listed = JsonNode.Parse(await http.GetStringAsync(new Uri("/meta-loras", UriKind.Relative), stop))!["metaLoras"]!.AsArray();
        string[] ids = [.. listed.Where(entry => (string)entry!["status"]! == "ready").Select(entry => (string)entry!["id"]!), "none"];
        await LoopAsync(
            "swap",
            TimeSpan.FromSeconds(0.5),
            async number =>
            {
                using var answer = await http.PutAsJsonAsync(
                    new Uri("/meta-loras/active", UriKind.Relative),
                    new { id = ids[number % ids.Length] },
                    CancellationToken.None
                );
                await NoteAsync("swap", answer, expected: 200);
            },
            stop
        );
    }

    /// <summary>A LoRA that was never there before, looked into now and then, and deleted.</summary>
    public Task UploadAsync(CancellationToken stop)
    {
        var files = Directory
            .GetFiles(Directory.GetDirectories(options.Loras).Order(StringComparer.Ordinal).First())
            .Where(path => Path.GetFileName(path) != "run.json")
            .ToArray();
        var classes = JsonSerializer.Deserialize<string[]>(
            File.ReadAllBytes(files.Single(path => Path.GetFileName(path) == "classes.json"))
        )!;
        return LoopAsync(
            "upload",
            TimeSpan.FromSeconds(0.2),
            async number =>
            {
                using var form = new MultipartFormDataContent();
                foreach (var path in files.Where(path => Path.GetFileName(path) != "classes.json"))
                    form.Add(
                        new ByteArrayContent(await File.ReadAllBytesAsync(path, CancellationToken.None)),
                        Path.GetFileName(path),
                        Path.GetFileName(path)
                    );
                // Other names of its classes are other content, and so another LoRA.
                form.Add(
                    new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(classes.Select(name => $"{name} {number}"))),
                    "classes.json",
                    "classes.json"
                );
                using var added = await http.PostAsync(new Uri("/loras", UriKind.Relative), form, CancellationToken.None);
                var body = await NoteAsync("upload", added, expected: 201);
                if (!added.IsSuccessStatusCode)
                    return;
                var lora = new Uri($"/loras/{(string)JsonNode.Parse(body)!["id"]!}", UriKind.Relative);
                if (number % 50 == 0)
                {
                    using var inspected = await http.GetAsync(lora, CancellationToken.None);
                    await NoteAsync("inspect", inspected, expected: 200);
                }
                using var deleted = await http.DeleteAsync(lora, CancellationToken.None);
                await NoteAsync("delete", deleted, expected: 204);
            },
            stop
        );
    }

    /// <summary>Whatever can be looked at.</summary>
    public Task LookAsync(CancellationToken stop) => LoopAsync("look", TimeSpan.FromSeconds(0.25), async number =>
    {
        using var answer = await http.GetAsync(new Uri(Looks[number % Looks.Length], UriKind.Relative), CancellationToken.None);
        await NoteAsync("look", answer, expected: 200);
    }, stop);

    private async Task<string> NoteAsync(string client, HttpResponseMessage answer, int expected)
    {
        var body = await answer.Content.ReadAsStringAsync();
        ledger.Answered(client, (int)answer.StatusCode, body);
        if ((int)answer.StatusCode is var status && status != expected && status < 500)
            ledger.Failed(client, $"{status} in the place of {expected}: {body}");
        return body;
    }

    // A request that was begun is waited for, also when the time is over.
    private async Task LoopAsync(string client, TimeSpan pause, Func<int, Task> request, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            try
            {
                await request(number);
                if (pause > TimeSpan.Zero) await Task.Delay(pause, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                ledger.Failed(client, exception.Message);
            }
        }
    }
}
