using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LoraRecycle.Service.Tests.Jobs;

namespace LoraRecycle.Service.Tests.Tuning;

/// <summary>What the tests ask of <c>/tune</c>: cups and chairs, in both forms, with few steps.</summary>
internal static class TuneService
{
    private const int Shots = 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static object[] Support { get; } = [.. new[] { "cup", "chair" }.Select(label =>
        EpisodeRequests.Class(label, [.. Enumerable.Range(0, Shots).Select(shot => Photographs.Base64(label, shot))]))];

    public static object Request(object? options = null, string? method = null, double heldOut = 0.2, string? name = "mine") =>
        new { support = Support, name, method, heldOut, options = options ?? new { steps = 3 } };

    /// <summary>The same as a form.</summary>
    public static MultipartFormDataContent Form(string options)
    {
        var form = EpisodeRequests.Form(
            from label in new[] { "cup", "chair" }
            from shot in Enumerable.Range(0, Shots)
            select ($"support[{label}]", Photographs.Of(label, shot)));
        form.Add(new StringContent("mine"), "name");
        form.Add(new StringContent("0.2"), "heldOut");
        form.Add(new StringContent(options), "options");
        return form;
    }

    public static Task<HttpResponseMessage> TuneAsync(this JobService service, object request) =>
        service.Client.PostAsJsonAsync("/tune", request, Cancellation);

    /// <summary>Starts a job and tells its id.</summary>
    public static async Task<string> StartTuneAsync(this JobService service, object request)
    {
        using var response = await (request is HttpContent content
            ? service.Client.PostAsync(new Uri("/tune", UriKind.Relative), content, Cancellation)
            : service.TuneAsync(request));
        var answer = await response.AnswerAsync();
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var id = answer.GetProperty("id").GetString()!;
        Assert.Equal($"/tune/{id}", response.Headers.Location?.OriginalString);
        return id;
    }

    /// <summary>Follows a job to its end and tells how it ended.</summary>
    public static async Task<JsonElement> EndedAsync(this JobService service, string job)
    {
        _ = await service.FollowAtAsync($"/tune/{job}");
        return await service.GetAsync($"/tune/{job}");
    }

    /// <summary>Waits until a job has no files: they go just after its last event.</summary>
    public static async Task EmptiedAsync(string data, string job)
    {
        for (var waited = 0; Directory.Exists(Path.Combine(data, "jobs", job)); waited++)
        {
            Assert.True(waited < 200, $"The files of job {job} stay.");
            await Task.Delay(50, Cancellation);
        }
    }

    /// <summary>The id of the LoRA that a request gives.</summary>
    public static async Task<string> LoraAsync(this JobService service, object request)
    {
        var ended = (await service.EndedAsync(await service.StartTuneAsync(request))).GetProperty("job");
        return ended.GetProperty("lora").GetString() ?? throw new InvalidOperationException(ended.ToString());
    }
}
