using System.Text.Json.Nodes;

namespace LoraRecycle.Cli.Tests.Commands;

public class BenchTests
{
    [Fact]
    public async Task Every_batch_size_is_measured()
    {
        var run = (await CommandRun.OfTiny("bench", "--batches", "1,2", "--seconds", "0.05", "--json")).AssertDone();
        var results = JsonNode.Parse(run.Output)!["results"]!.AsArray();
        Assert.Equal([1, 2], results.Select(r => (int)r!["batch"]!));
        Assert.All(results, r => Assert.True((double)r!["imagesPerSecond"]! > 0 && (int)r["runs"]! > 0));
    }
}
