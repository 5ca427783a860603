using System.Text.Json.Nodes;

namespace LoraRecycle.Cli.Tests.Commands;

public class DemoTests
{
    [Fact]
    public async Task A_temporary_server_answers_for_every_query()
    {
        var run = await CommandRun.Of("demo", "--ways", "3", "--shots", "2", "--queries", "2", "--json");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        var report = JsonNode.Parse(run.Output)!;
        Assert.Equal("vit-xs-8-64", (string)report["model"]!);
        Assert.Equal(6, report["predictions"]!.AsArray().Count);
        Assert.InRange((int)report["correct"]!, 4, 6);
    }
}
