using System.Text;
using LoraRecycle.Tests;

namespace LoraRecycle.Core.Tests.Hub;

public class PullTests
{
    private const string Index = """{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}}""";

    [Fact]
    public async Task A_model_is_laid_out_as_huggingface_hub_does()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel();

        var pulled = await site.PullAsync();

        string[] needed = ["config.json", "model.safetensors", "preprocessor_config.json"];
        Assert.Equal(needed, pulled.Files.Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.Equal(needed, site.Names($"snapshots/{repository.Commit}"));
        Assert.Equal(
            needed.Select(name => TestRepository.Tag(name, repository.Files[name])).Order(StringComparer.Ordinal),
            site.Names("blobs")
        );
        foreach (var name in needed)
        {
            var file = Path.Combine(pulled.Path, name);
            Assert.Equal($"../../blobs/{TestRepository.Tag(name, repository.Files[name])}", new FileInfo(file).LinkTarget);
            Assert.Equal(repository.Files[name], await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        }
        Assert.Equal(
            repository.Commit,
            await File.ReadAllTextAsync(Path.Combine(site.Folder, "refs", "main"), TestContext.Current.CancellationToken)
        );
        Assert.Equal((false, pulled.Path, repository.Commit), (pulled.IsAdapter, site.Cache.FindModel(PullSite.Name), pulled.Commit));
        Assert.Equal((pulled.Fetched, pulled.Fetched), (site.Progress[^1].Done, site.Progress[^1].Total));
    }

    [Fact]
    public async Task An_adapter_comes_with_its_head_and_its_classes_and_nothing_else()
    {
        await using var site = await PullSite.MakeAsync();
        string[] needed = ["adapter_config.json", "adapter_model.safetensors", "classes.json", "head.safetensors"];
        var files = needed.Append("training_args.bin").Append("merges.txt");
        site.Hub.Add(PullSite.Name, [.. files.Select((name, at) => (name, PullSite.Random(100, at)))]);

        var pulled = await site.PullAsync();

        Assert.True(pulled.IsAdapter);
        Assert.Equal(needed, site.Names($"snapshots/{pulled.Commit}"));
        Assert.Equal((pulled.Path, null), (site.Cache.FindAdapter(PullSite.Name), site.Cache.FindModel(PullSite.Name)));
    }

    [Fact]
    public async Task Of_a_repository_that_is_both_as_adapter_decides()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel();
        repository.Files["adapter_config.json"] = PullSite.Random(10);
        repository.Files["adapter_model.safetensors"] = PullSite.Random(20);

        Assert.False((await site.PullAsync()).IsAdapter);
        Assert.Equal(
            ["adapter_config.json", "adapter_model.safetensors"],
            (await site.PullAsync(asAdapter: true)).Files.Select(file => file.Name).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task A_papers_adapter_is_a_safetensors_file_without_settings()
    {
        await using var site = await PullSite.MakeAsync();
        site.Hub.Add(PullSite.Name, ("lora.safetensors", PullSite.Random(100)), ("README.md", []));

        Assert.Contains("nothing to use: expected config.json and model.safetensors", await site.MissedAsync(), StringComparison.Ordinal);
        Assert.Equal(["lora.safetensors"], (await site.PullAsync(asAdapter: true)).Files.Select(file => file.Name));
    }

    [Fact]
    public async Task A_model_in_several_files_comes_with_all_that_its_index_lists()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel();
        repository.Files.Remove("model.safetensors");
        repository.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes(Index);
        foreach (var shard in new[] { 1, 2, 3 })
            repository.Files[$"model-{shard}.safetensors"] = PullSite.Random(1000, shard);

        var pulled = await site.PullAsync();

        Assert.Equal(
            ["config.json", "model-1.safetensors", "model-2.safetensors", "model.safetensors.index.json", "preprocessor_config.json"],
            pulled.Files.Select(file => file.Name).Order(StringComparer.Ordinal)
        );
        Assert.Equal(pulled.Path, site.Cache.FindModel(PullSite.Name));
    }

    [Fact]
    public async Task A_second_pull_fetches_nothing_and_a_new_commit_only_what_changed()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel();
        var first = await site.PullAsync();
        Assert.Equal(0, (await site.PullAsync()).Fetched);

        repository.Commit = new string('c', 40);
        repository.Files["config.json"] = "{}"u8.ToArray();
        var changed = await site.PullAsync();

        Assert.Equal(2, changed.Fetched);
        Assert.NotEqual(first.Path, changed.Path);
        Assert.Equal(changed.Path, site.Cache.FindModel(PullSite.Name));
        Assert.Equal(first.Path, site.Cache.FindModel($"{PullSite.Name}@{first.Commit}"));
        Assert.Single(site.Hub.Requests, request => request is { Method: "GET", Path: "/maker/seer/model.safetensors" });
    }

    [Theory]
    [InlineData("v1.0")]
    [InlineData("refs/pr/3")]
    public async Task A_revision_is_found_by_its_name_afterwards(string revision)
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel().Revisions.Add(revision);

        var pulled = await site.PullAsync($"{PullSite.Name}@{revision}");

        Assert.Equal((pulled.Path, null), (site.Cache.FindModel($"{PullSite.Name}@{revision}"), site.Cache.FindModel(PullSite.Name)));
    }

    [Fact]
    public async Task A_repository_that_was_renamed_is_found_by_the_name_that_was_asked_for()
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel();
        site.Hub.Add("maker/prophet").RenamedTo = PullSite.Name;
        site.Hub.Instead = context =>
        {
            if (!context.Request.Path.StartsWithSegments("/maker/prophet", out var rest)) return Task.FromResult(false);
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = $"/{PullSite.Name}{rest}";
            return Task.FromResult(true);
        };

        var pulled = await site.PullAsync("maker/prophet");

        Assert.Equal((PullSite.Name, pulled.Path), (pulled.RenamedTo, site.Cache.FindModel("maker/prophet")));
    }

    [Fact]
    public async Task Where_there_are_no_links_the_snapshot_has_the_files_themselves()
    {
        await using var site = await PullSite.MakeAsync();
        site.Links = false;
        var repository = site.AddModel();

        var pulled = await site.PullAsync();
        Assert.All(pulled.Files, file => Assert.Null(new FileInfo(Path.Combine(pulled.Path, file.Name)).LinkTarget));
        Assert.Equal(
            repository.Files["model.safetensors"],
            await File.ReadAllBytesAsync(Path.Combine(pulled.Path, "model.safetensors"), TestContext.Current.CancellationToken)
        );
        Assert.Empty(site.Names("blobs"));
        Assert.Equal(0, (await site.PullAsync()).Fetched);
    }

    [Fact]
    public async Task Without_the_network_what_is_here_is_enough()
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel();
        site.IsOffline = true;
        Assert.Contains("HF_HUB_OFFLINE is set", await site.FailedAsync(), StringComparison.Ordinal);

        site.IsOffline = false;
        var pulled = await site.PullAsync();
        var asked = site.Hub.Requests.Count;
        site.IsOffline = true;
        Assert.Equal((pulled.Path, 0), ((await site.PullAsync()).Path, (await site.PullAsync()).Fetched));
        Assert.Equal(asked, site.Hub.Requests.Count);
    }

    [Fact]
    public async Task Two_pulls_at_once_fetch_each_file_once()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel();
        var both = new TaskCompletionSource();
        repository.Deliver = async (name, response, bytes) =>
        {
            await response.StartAsync();
            if (TestRepository.IsLarge(name)) await both.Task;
            await response.Body.WriteAsync(bytes);
        };

        var pulls = new[] { site.PullAsync(), site.PullAsync() };
        var file = $"/{PullSite.Name}/resolve/{repository.Commit}/model.safetensors";
        while (site.Hub.Requests.Count(request => request.Method == "HEAD" && request.Path == file) < 2)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        await Task.Delay(300, TestContext.Current.CancellationToken); // long enough for the second to ask for the file, if it does
        both.SetResult();
        var pulled = await Task.WhenAll(pulls);

        Assert.Equal(pulled[0].Path, pulled[1].Path);
        Assert.Single(site.Hub.Requests, request => request is { Method: "GET", Path: "/maker/seer/model.safetensors" });
        Assert.Equal(3, site.Names("blobs").Count());
    }
}
