using System.Text.Json;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.MetaLoras;

/// <summary>What is in the folder, and what becomes of it while the server runs.</summary>
public sealed class MetaLoraFolderTests : IDisposable
{
    private readonly MetaLoraFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_is_described_by_its_files_and_its_run()
    {
        _folder.Add(
            "mine",
            seed: 1,
            run: """{"model":"tiny","seconds":12.5,"losses":[1,2,3],"pools":["a"],"settings":{"rank":2},"secret":{"path":"/root"}}"""
        );
        await using var service = await AdapterService.StartAsync(_folder, "mine");
        await service.ClassifyAsync("mine");
        var mine = await service.GetAsync("/meta-loras/mine");

        Assert.Equal(
            ("mine", "ready", "lora", MetaLoraFolder.Rank),
            (Text("id"), Text("status"), Text("family"), mine.GetProperty("rank").GetInt32())
        );
        Assert.Equal(["q", "v"], mine.GetProperty("targets").EnumerateArray().Select(target => target.GetString()));
        Assert.Equal(3 * 2 * MetaLoraFolder.Rank * (64 + 64), mine.GetProperty("parameters").GetInt64());
        Assert.Equal(Directory.GetFiles(_folder["mine"]).Sum(file => new FileInfo(file).Length), mine.GetProperty("bytes").GetInt64());
        Assert.Matches("^[0-9a-f]{64}$", Text("revision"));
        Assert.InRange(
            mine.GetProperty("written").GetDateTimeOffset(),
            DateTimeOffset.UtcNow.AddMinutes(-10),
            DateTimeOffset.UtcNow.AddMinutes(1)
        );
        Assert.True(mine.GetProperty("active").GetBoolean() && mine.GetProperty("loaded").GetBoolean());
        Assert.Equal(JsonValueKind.Null, mine.GetProperty("problem").ValueKind);
        Assert.Equal("""{"model":"tiny","seconds":12.5,"settings":{"rank":2}}""", mine.GetProperty("run").GetRawText());

        string Text(string name) => mine.GetProperty(name).GetString()!;
    }

    [Fact]
    public async Task A_damaged_one_is_listed_with_the_reason_and_refused_and_the_others_serve()
    {
        _folder.Add("whole", seed: 1).AddDamaged("broken").AddForAnotherModel("foreign");
        Directory.CreateDirectory(_folder["empty"]);
        await using var service = await AdapterService.StartAsync(_folder, "whole");
        var list = await service.GetAsync("/meta-loras");
        using var refused = await service.PostAsync("broken");
        var problem = await refused.IsProblemAsync(422, "unusable-meta-lora", "metaLora");

        Assert.Equal("whole", list.GetProperty("active").GetString());
        Assert.Equal(
            [("broken", "unusable"), ("empty", "unusable"), ("foreign", "unusable"), ("whole", "ready")],
            list.GetProperty("metaLoras")
                .EnumerateArray()
                .Select(one => (one.GetProperty("id").GetString(), one.GetProperty("status").GetString()))
        );
        Assert.Contains("adapter_model.safetensors", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, list.GetRawText() + problem.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("whole", (await service.ClassifyAsync("whole")).MetaLora());
    }

    [Fact]
    public async Task One_that_comes_changes_or_goes_is_noticed_when_it_is_next_asked_for()
    {
        await using var service = await AdapterService.StartAsync(_folder, "none");
        Assert.Empty((await service.GetAsync("/meta-loras")).GetProperty("metaLoras").EnumerateArray());

        _folder.Add("mine", seed: 1);
        var first = await service.ClassifyAsync("mine");
        _folder.Add("mine", seed: 2);
        var second = await service.ClassifyAsync("mine");
        Assert.NotEqual(first.MetaLoraRevision(), second.MetaLoraRevision());
        Assert.NotEqual(first.Predictions(), second.Predictions());

        Directory.Delete(_folder["mine"], recursive: true);
        using var gone = await service.PostAsync("mine");
        await gone.IsProblemAsync(422, "unknown-meta-lora", "metaLora");
    }

    [Fact]
    public async Task The_active_one_serves_on_as_it_was_when_its_files_change_or_go()
    {
        _folder.Add("mine", seed: 1).Add("other", seed: 2).Add("third", seed: 3);
        await using var service = await AdapterService.StartAsync(_folder, "mine", "--Cache:Bytes", "0");
        var before = await service.ClassifyAsync(null);
        Directory.Delete(_folder["mine"], recursive: true);
        await service.ClassifyAsync("other");
        await service.ClassifyAsync("third");
        var after = await service.ClassifyAsync(null);

        Assert.Equal((before.MetaLoraRevision(), before.Predictions()), (after.MetaLoraRevision(), after.Predictions()));
    }

    [Theory]
    [InlineData("three")]
    [InlineData("none")]
    [InlineData("..%2fone")]
    [InlineData("one.1a2b.tmp")]
    public async Task A_path_that_leads_to_none_is_not_found_and_says_which_there_are(string id)
    {
        _folder.Add("one", seed: 1).Add("one.1a2b.tmp", seed: 2);
        await using var service = await AdapterService.StartAsync(_folder, "none");
        using var response = await service.Client.GetAsync(
            new Uri($"/meta-loras/{id}", UriKind.Relative),
            TestContext.Current.CancellationToken
        );
        var problem = await response.IsProblemAsync(404, "meta-lora-not-found");

        Assert.EndsWith(": one.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
