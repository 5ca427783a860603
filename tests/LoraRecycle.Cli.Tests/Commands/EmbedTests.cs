using System.Text.Json.Nodes;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class EmbedTests : IDisposable
{
    private static readonly string[] Files =
    [
        Repository.PathOf("samples", "cup", "image_0046.jpg"),
        Repository.PathOf("samples", "barrel", "image_0036.jpg"),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_file_and_the_json_hold_the_same_vectors_in_the_order_asked_for()
    {
        var path = _folder["embeddings.safetensors"];
        var run = (await CommandRun.Of("embed", Files[0], Files[1], "--out", path, "--json")).AssertDone();
        var json = JsonNode.Parse(run.Output)!.AsArray();
        Assert.Equal(Files, json.Select(node => (string)node!["file"]!));

        using var file = SafetensorsFile.Open(path);
        using var embeddings = file.Read("image_embeds");
        Assert.Equal([2L, 384L], embeddings.shape);
        Assert.Equal(json.SelectMany(node => node!["embedding"]!.AsArray().Select(v => (float)v!)), embeddings.data<float>().ToArray());
        Assert.Equal(string.Join('\n', Files), file.Metadata["files"]);
    }

    [Fact]
    public async Task Different_photographs_have_different_embeddings_and_the_same_one_the_same()
    {
        var run = (await CommandRun.Of("embed", Files[0], Files[1], Files[0], "--json")).AssertDone();
        var embeddings = JsonNode.Parse(run.Output)!.AsArray().Select(node => node!["embedding"]!.ToJsonString()).ToArray();
        Assert.Equal(embeddings[0], embeddings[2]);
        Assert.NotEqual(embeddings[0], embeddings[1]);
    }
}
