using System.Text.Json.Nodes;

namespace LoraRecycle.EndToEnd;

/// <summary>What somebody does who has just read the README, against the real program.</summary>
public sealed class NewcomerTests(ServedProcess server) : IClassFixture<ServedProcess>
{
    private const string AddressInReadme = "http://127.0.0.1:8080";

    [Fact]
    public async Task The_curl_line_of_the_readme_is_answered()
    {
        var command = Readme.CurlCommand();
        Assert.Contains(AddressInReadme, command, StringComparison.Ordinal);
        AssertRecognisesTheCup(await ShellAsync(command.Replace(AddressInReadme, server.Address, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_curl_line_that_the_server_prints_is_answered() =>
        AssertRecognisesTheCup(await ShellAsync(server.PrintedCurlLine));

    [Fact]
    public async Task The_demo_prints_a_prediction_for_each_photograph()
    {
        var (code, output, error) = await CommandLineProcess.RunAsync(CommandLineProcess.Program, "demo", "--url", server.Address);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(15, output.Split(".jpg").Length - 1);
        Assert.Contains("of 15 right, 5-way 1-shot, vit-s-12-96", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/swagger/index.html")]
    [InlineData("/healthz/live")]
    [InlineData("/healthz/ready")]
    [InlineData("/models")]
    public async Task What_the_readme_points_to_is_there(string path)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(server.Address + path), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<string> ShellAsync(string command)
    {
        var (code, output, error) = await CommandLineProcess.RunAsync("bash", "-c", command);
        Assert.True(code == 0, error);
        return output;
    }

    private static void AssertRecognisesTheCup(string answer)
    {
        var prediction = Assert.Single(JsonNode.Parse(answer)!["predictions"]!.AsArray())!;
        Assert.Equal("cup", (string)prediction["label"]!);
        Assert.Equal(1, prediction["scores"]!.AsArray().Sum(score => (double)score!["probability"]!), 6);
    }
}
