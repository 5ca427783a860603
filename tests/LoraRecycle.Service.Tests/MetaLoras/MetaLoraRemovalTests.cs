using System.Net;
using System.Net.Http.Json;
using LoraRecycle.Service.Tests.Jobs;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.MetaLoras;

/// <summary>Meta-LoRAs that jobs made go when nobody needs them.</summary>
public sealed class MetaLoraRemovalTests : IDisposable
{
    private readonly MetaLoraFolder _shipped = new MetaLoraFolder().Add("one", seed: 1).Add("two", seed: 2);
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-removal-").FullName;

    public void Dispose()
    {
        _shipped.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private string[] Settings => ["--Storage:Directory", _data];

    private string Made(string id) => Path.Combine(_data, "meta-loras", id);

    /// <summary>As a job would have left it.</summary>
    private void Make(string id)
    {
        Directory.CreateDirectory(Made(id));
        foreach (var file in Directory.GetFiles(_shipped["two"]))
            File.Copy(file, Path.Combine(Made(id), Path.GetFileName(file)));
    }

    private static Task<HttpResponseMessage> DeleteAsync(HttpClient client, string id) =>
        client.DeleteAsync(new Uri($"/meta-loras/{id}", UriKind.Relative), TestContext.Current.CancellationToken);

    private static async Task RefusedAsync(HttpClient client, string id, string code, string because)
    {
        using var response = await DeleteAsync(client, id);
        var problem = await response.IsProblemAsync(409, code);
        Assert.Contains(because, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_nobody_needs_goes_with_its_files_and_its_name_is_free_again()
    {
        Make("mine");
        await using var service = await AdapterService.StartAsync(_shipped, "one", Settings);
        Assert.Equal("mine", (await service.ClassifyAsync("mine")).MetaLora());

        using (var deleted = await DeleteAsync(service.Client, "mine"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using (var again = await DeleteAsync(service.Client, "mine"))
            await again.IsProblemAsync(404, "meta-lora-not-found");
        using (var asked = await service.PostAsync("mine"))
            await asked.IsProblemAsync(422, "unknown-meta-lora", "metaLora");
        Assert.False(Directory.Exists(Made("mine")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_data, "uploads")));
        Make("mine");
        Assert.Equal("mine", (await service.ClassifyAsync("mine")).MetaLora());
    }

    [Fact]
    public async Task Those_that_come_with_the_server_say_so_and_those_that_jobs_made_do_not()
    {
        Make("mine");
        Make("one"); // of one name the shipped one counts
        await using var service = await AdapterService.StartAsync(_shipped, "one", Settings);

        var listed = (await service.GetAsync("/meta-loras")).GetProperty("metaLoras").EnumerateArray();

        Assert.Equal(
            [("mine", false), ("one", true), ("two", true)],
            listed.Select(one => (one.GetProperty("id").GetString(), one.GetProperty("shipped").GetBoolean()))
        );
    }

    [Fact]
    public async Task One_that_is_active_shipped_or_named_by_a_task_stays()
    {
        Make("mine");
        await using var service = await AdapterService.StartAsync(_shipped, "one", Settings);
        await RefusedAsync(service.Client, "two", "meta-lora-is-shipped", "comes with the server");

        using (await service.ActivateAsync("mine"))
            await RefusedAsync(service.Client, "mine", "meta-lora-in-use", "the active one");
        using (await service.ActivateAsync("one")) { }
        var task = new
        {
            metaLora = "mine",
            support = new[]
            {
                EpisodeRequests.Class("cup", Photographs.Base64("cup", 0)), EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
            },
        };
        using var stored = await service.Client.PostAsJsonAsync("/tasks", task, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        await RefusedAsync(service.Client, "mine", "meta-lora-in-use", "1 stored task");

        using (await service.Client.DeleteAsync(stored.Headers.Location, TestContext.Current.CancellationToken)) { }
        using var deleted = await DeleteAsync(service.Client, "mine");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task One_that_a_job_is_about_to_publish_stays()
    {
        await using var service = await JobService.StartAsync(_data);
        await service.StartJobAsync((await service.LorasAsync(1))[0], iterations: 1_000_000, """, "name": "mine" """);
        Make("mine");

        await RefusedAsync(service.Client, "mine", "meta-lora-in-use", "a job that makes it");
    }

    [Fact]
    public async Task Activation_and_deletion_at_once_agree_on_whether_it_is_there()
    {
        await using var service = await AdapterService.StartAsync(_shipped, "one", Settings);
        for (var round = 0; round < 20; round++)
        {
            if (!Directory.Exists(Made("mine")))
                Make("mine");
            using (await service.ActivateAsync("one")) { }
            var (activating, deleting) = (service.ActivateAsync("mine"), DeleteAsync(service.Client, "mine"));
            using var activated = await activating;
            using var deleted = await deleting;

            var isActive = (await service.GetAsync("/meta-loras/active")).GetProperty("id").GetString() == "mine";
            Assert.Equal(activated.StatusCode == HttpStatusCode.OK, isActive);
            Assert.Equal(deleted.StatusCode == HttpStatusCode.NoContent, !Directory.Exists(Made("mine")));
            Assert.True(!isActive || Directory.Exists(Made("mine")), "The active one was deleted.");
            Assert.True((int)activated.StatusCode is 200 or 422 or 503 && (int)deleted.StatusCode is 204 or 409);
        }
    }
}
