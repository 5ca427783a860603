using System.Text;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Safetensors;

public sealed class SafetensorsCheckpointTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_directory_with_one_file_and_the_file_itself_read_alike()
    {
        var directory = Repository.PathOf("tests", "golden", "clip", "model");
        using var byDirectory = SafetensorsCheckpoint.Open(directory);
        using var byFile = SafetensorsCheckpoint.Open(Path.Combine(directory, "model.safetensors"));
        Assert.Equal(byFile.Entries.Keys, byDirectory.Entries.Keys);
        Assert.Equal([Path.Combine(directory, "model.safetensors")], byDirectory.Paths);
    }

    [Fact]
    public void Shards_read_like_the_file_they_were_cut_from()
    {
        using var scope = torch.NewDisposeScope();
        using var whole = SafetensorsCheckpoint.Open(Repository.PathOf("tests", "golden", "clip", "model"));
        var names = whole.Entries.Keys.Order(StringComparer.Ordinal).ToArray();
        string Shard(int i) => $"model-0000{(i % 3) + 1}-of-00003.safetensors";
        foreach (var shard in names.Select((name, i) => (name, i)).GroupBy(pair => Shard(pair.i), pair => pair.name))
            SafetensorsWriter.Write(folder.PathOf(shard.Key), shard.Select(name => (name, whole.Read(name))));
        Index(names.Select((name, i) => (name, Shard(i))));

        using var cut = SafetensorsCheckpoint.Open(folder.Path);
        Assert.Equal(3, cut.Paths.Count);
        Assert.Equal(names, cut.Entries.Keys.Order(StringComparer.Ordinal));
        foreach (var name in names)
            Assert.Equal(whole.Read(name).bytes.ToArray(), cut.Read(name).bytes.ToArray());
    }

    [Theory]
    [InlineData("../secret.safetensors")]
    [InlineData("/etc/secret.safetensors")]
    [InlineData("sub/w.safetensors")]
    [InlineData("..\\secret.safetensors")]
    [InlineData("c:w.safetensors")]
    [InlineData("w.bin")]
    [InlineData("")]
    public void An_index_that_points_outside_its_folder_is_refused(string shard)
    {
        Index([("layer.weight", shard)]);
        var message = Assert.Throws<SafetensorsException>(() => SafetensorsCheckpoint.Open(folder.Path)).Message;
        Assert.Contains("'layer.weight'", message, StringComparison.Ordinal);
        Assert.Contains("the plain name of a .safetensors file", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "cannot be read")]
    [InlineData("[]", "weight_map")]
    [InlineData("{\"weight_map\":[]}", "weight_map")]
    [InlineData("{\"weight_map\":{}}", "lists no tensors")]
    [InlineData("{\"weight_map\":{\"w\":1}}", "'w'")]
    [InlineData("{\"weight_map\":{\"w\":\"a.safetensors\",\"w\":\"b.safetensors\"}}", "cannot be read")]
    public void A_damaged_index_is_refused(string json, string reason)
    {
        folder.Write("model.safetensors.index.json", Encoding.UTF8.GetBytes(json));
        Assert.Contains(
            reason,
            Assert.Throws<SafetensorsException>(() => SafetensorsCheckpoint.Open(folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_shard_that_is_missing_or_lacks_its_tensor_is_named()
    {
        folder.Write("a.safetensors", FileBytes.Of("""{"v":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1));
        Index([("v", "a.safetensors"), ("w", "a.safetensors")]);
        Assert.Contains(
            "'w' is in 'a.safetensors', but it is not",
            Assert.Throws<SafetensorsException>(() => SafetensorsCheckpoint.Open(folder.Path)).Message,
            StringComparison.Ordinal
        );

        Index([("v", "a.safetensors"), ("w", "b.safetensors"), ("x", "c.safetensors")]);
        Assert.Contains(
            "2 are not beside it: 'b.safetensors', 'c.safetensors'. The download is not complete",
            Assert.Throws<SafetensorsException>(() => SafetensorsCheckpoint.Open(folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_directory_without_weights_is_refused_with_what_was_looked_for() =>
        Assert.Contains(
            "neither model.safetensors nor",
            Assert.Throws<SafetensorsException>(() => SafetensorsCheckpoint.Open(folder.Path)).Message,
            StringComparison.Ordinal
        );

    private void Index(IEnumerable<(string Name, string Shard)> map)
    {
        var entries = map.Select(pair => $"\"{pair.Name}\":\"{pair.Shard.Replace("\\", "\\\\", StringComparison.Ordinal)}\"");
        folder.Write(
            "model.safetensors.index.json",
            Encoding.UTF8.GetBytes($"{{\"metadata\":{{\"total_size\":1}},\"weight_map\":{{{string.Join(',', entries)}}}}}")
        );
    }
}
