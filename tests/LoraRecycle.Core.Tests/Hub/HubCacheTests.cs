using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Hub;

/// <summary>A cache as huggingface_hub leaves it, written by hand.</summary>
public sealed class HubCacheTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly ScratchFolder _folder = new();

    private HubCache Cache => new(_folder.Path);

    private string Snapshot => _folder.PathOf("models--maker--seer", "snapshots", Commit);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("maker/seer")]
    [InlineData("maker/seer@main")]
    [InlineData("maker/seer@refs/pr/1")]
    [InlineData($"maker/seer@{Commit}")]
    public void What_pythons_tools_fetched_is_found(string name)
    {
        Put("config.json", "model.safetensors");
        Assert.Equal(Snapshot, Cache.FindModel(name));
    }

    [Theory]
    [InlineData("maker/other")]
    [InlineData("maker/seer@v2")]
    [InlineData("maker/seer@fedcba9876543210fedcba9876543210fedcba98")]
    [InlineData("seer")]
    [InlineData("../maker/seer")]
    [InlineData("maker/seer@../refs/main")]
    public void What_was_not_fetched_is_not_found(string name)
    {
        Put("config.json", "model.safetensors");
        Assert.Null(Cache.FindModel(name));
    }

    [Fact]
    public void A_snapshot_without_weights_or_with_a_link_that_leads_nowhere_is_no_model()
    {
        Put("config.json");
        Assert.Null(Cache.FindModel("maker/seer"));
        Put("config.json", "model.safetensors");
        File.Delete(_folder.PathOf("models--maker--seer", "blobs", "blob-of-model.safetensors"));
        Assert.Null(Cache.FindModel("maker/seer"));
    }

    [Fact]
    public void An_adapter_is_found_as_an_adapter_alone()
    {
        Put("adapter_config.json", "adapter_model.safetensors");
        Assert.Equal((Snapshot, null), (Cache.FindAdapter("maker/seer"), Cache.FindModel("maker/seer")));
    }

    [Fact]
    public void A_ref_that_is_no_commit_leads_nowhere()
    {
        Put("config.json", "model.safetensors");
        File.WriteAllText(_folder.PathOf("models--maker--seer", "refs", "main"), "../../../elsewhere");
        Assert.Null(Cache.FindModel("maker/seer"));
    }

    [Fact]
    public void A_snapshot_has_the_name_of_its_repository_and_other_directories_their_own()
    {
        Put("config.json");
        Assert.Equal(("seer", true), (HubCache.NameOf(Snapshot), HubCache.IsSnapshot(Snapshot + "/")));
        Assert.Equal(("maker", false), (HubCache.NameOf("/models/maker/"), HubCache.IsSnapshot("/models/maker")));
    }

    [Fact]
    public void A_file_that_is_written_into_a_snapshot_changes_no_blob()
    {
        Put("calibration.json");
        HubCache.Detach(Snapshot, "calibration.json");
        File.WriteAllText(Path.Combine(Snapshot, "calibration.json"), "mine");
        Assert.Equal("calibration.json", File.ReadAllText(_folder.PathOf("models--maker--seer", "blobs", "blob-of-calibration.json")));
    }

    [Fact]
    public void Who_names_what_is_not_here_is_told_the_command()
    {
        Assert.Contains("'./run pull maker/seer --revision v2'", Cache.Advice("maker/seer@v2"), StringComparison.Ordinal);
        Assert.Equal("", Cache.Advice("/some/folder"));
    }

    private void Put(params string[] names)
    {
        Directory.CreateDirectory(Snapshot);
        Directory.CreateDirectory(_folder.PathOf("models--maker--seer", "blobs"));
        foreach (var name in names)
        {
            File.WriteAllText(_folder.PathOf("models--maker--seer", "blobs", $"blob-of-{name}"), name);
            if (!File.Exists(Path.Combine(Snapshot, name)))
                File.CreateSymbolicLink(Path.Combine(Snapshot, name), $"../../blobs/blob-of-{name}");
        }
        foreach (var reference in new[] { "main", "refs/pr/1" })
        {
            var path = _folder.PathOf("models--maker--seer", "refs", reference);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, Commit);
        }
    }
}
