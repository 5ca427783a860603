using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace LoraRecycle.EndToEnd.Jobs;

/// <summary>A client of /recycle and /tune, which follows jobs by their events as a browser does.</summary>
internal sealed class JobClient(string address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(3) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The ids of the first shipped LoRAs.</summary>
    public async Task<string[]> LorasAsync(int count) =>
        [
            .. (await GetAsync("/loras"))
                .GetProperty("loras")
                .EnumerateArray()
                .Take(count)
                .Select(lora => lora.GetProperty("id").GetString()!),
        ];

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;
    }

    public async Task DeleteAsync(string path)
    {
        using var response = await _http.DeleteAsync(new Uri(path, UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    public Task<byte[]> BytesAsync(string path) => _http.GetByteArrayAsync(new Uri(path, UriKind.Relative), Cancellation);

    /// <summary>Uploads a LoRA's directory and tells its id.</summary>
    public async Task<string> UploadAsync(string folder)
    {
        using var form = new MultipartFormDataContent { { new StringContent(Path.GetFileName(folder)), "name" } };
        foreach (var file in Directory.EnumerateFiles(folder))
            form.Add(new ByteArrayContent(await File.ReadAllBytesAsync(file, Cancellation)), "file", Path.GetFileName(file));
        using var response = await _http.PostAsync(new Uri("/loras", UriKind.Relative), form, Cancellation);
        var answer = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.Created, answer);
        return JsonDocument.Parse(answer).RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>Starts a job and tells its id.</summary>
    public async Task<string> StartAsync(object request, string path = "/recycle")
    {
        using var content = new StringContent(JsonSerializer.Serialize(request), Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), content, Cancellation);
        var answer = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, answer);
        var id = JsonDocument.Parse(answer).RootElement.GetProperty("id").GetString()!;
        Assert.Equal($"{path}/{id}", response.Headers.Location?.OriginalString);
        return id;
    }

    /// <summary>Reads events until one that is wanted, or the end of the stream, and then hangs up.</summary>
    /// <param name="job">The job.</param>
    /// <param name="after">The number of the last event that is known.</param>
    /// <param name="until">Whether to hang up after an event.</param>
    /// <param name="path">Where jobs of its kind are.</param>
    public async Task<List<JobEvent>> FollowAsync(
        string job, long after = 0, Func<JobEvent, bool>? until = null, string path = "/recycle")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}/{job}/events");
        if (after > 0)
            request.Headers.Add("Last-Event-ID", after.ToString(CultureInfo.InvariantCulture));
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        var events = new List<JobEvent>();
        if (response.StatusCode == HttpStatusCode.NoContent)
            return events;
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        var fields = new Dictionary<string, string>();
        while (await reader.ReadLineAsync(Cancellation) is { } line)
        {
            if (line.Length > 0)
            {
                var colon = line.IndexOf(": ", StringComparison.Ordinal);
                fields[line[..colon]] = line[(colon + 2)..];
                continue;
            }
            if (fields.TryGetValue("data", out var data))
                events.Add(
                    new JobEvent(
                        long.Parse(fields["id"], CultureInfo.InvariantCulture),
                        fields["event"],
                        JsonDocument.Parse(data).RootElement
                    )
                );
            fields.Clear();
            if (events.Count > 0 && until?.Invoke(events[^1]) == true)
                break;
        }
        return events;
    }

    public void Dispose() => _http.Dispose();
}

/// <param name="Number">Its id in the stream.</param>
/// <param name="Type">What kind.</param>
/// <param name="Data">What it says.</param>
internal sealed record JobEvent(long Number, string Type, JsonElement Data)
{
    public bool Is(string type, string field, string value) => Type == type && Data.GetProperty(field).GetString() == value;

    public int Unit => Data.GetProperty("unit").GetInt32();

    public long Iteration => Data.GetProperty("iteration").GetInt64();
}
