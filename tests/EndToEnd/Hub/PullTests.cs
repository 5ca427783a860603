using System.Diagnostics;
using System.Text.Json.Nodes;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd.Hub;

/// <summary>The real program against a hub of the test's own.</summary>
public sealed class PullTests : IAsyncLifetime
{
    private const string Model = "maker/tiny", Token = "hf_end-to-end-secret";
    private const string Weights = $"/{Model}/model.safetensors";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-pull-");
    private TestHub _hub = null!;

    private string Cache => Path.Combine(_folder.FullName, "hub");

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        _hub.AddDirectory(Model, TinyModel.Directory).Token = Token;
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_model_that_was_pulled_embeds_classifies_and_serves_by_its_name()
    {
        var picture = Repository.PathOf("samples", "cup", "image_0046.jpg");
        var (code, output, error) = await RunAsync("embed", picture, "--model", Model);
        Assert.Equal((2, ""), (code, output));
        Assert.Equal(
            $"error: --model {Model}: no directory of this name. Nor is there a repository of this name in {Cache}; './run pull {Model}' "
                + "fetches it from the Hugging Face Hub.\n",
            error
        );

        (code, output, error) = await RunAsync("pull", Model, "--json");
        Assert.Equal((0, ""), (code, error));
        var pulled = JsonNode.Parse(output)!;
        Assert.Equal(("model", 3), ((string)pulled["kind"]!, pulled["files"]!.AsArray().Count));
        Assert.Equal((long)pulled["bytes"]!, (long)pulled["fetchedBytes"]!);

        var byName = await RunAsync("embed", picture, "--json", "--model", Model);
        var byPath = await RunAsync("embed", picture, "--json", "--model", TinyModel.Directory);
        Assert.Equal((0, byPath.Output), (byName.ExitCode, byName.Output));

        // The server finds it in the environment that it is started in.
        var data = Path.Combine(_folder.FullName, "data");
        var server = Start("serve", "--url", "http://127.0.0.1:0", "--model", Model, $"--Storage:Directory={data}");
        try
        {
            var address = await AddressAsync(server);
            using var http = new HttpClient();
            var models = JsonNode.Parse(await http.GetStringAsync(new Uri(address + "/models"), TestContext.Current.CancellationToken))!;
            Assert.Equal("tiny", (string)Assert.Single(models["models"]!.AsArray(), model => (bool)model!["default"]!)!["id"]!);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task An_adapter_that_was_pulled_is_merged_by_its_name()
    {
        using var tiny = await TinyInstallation.MakeAsync();
        _hub.AddDirectory("maker/flowers", tiny.Uploads[0]);
        var picture = Repository.PathOf("samples", "cup", "image_0046.jpg");
        string[] embed = ["embed", picture, "--json", "--model", TinyModel.Directory, "--adapter"];

        var (code, output, error) = await RunAsync([.. embed, "maker/flowers"]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("'./run pull maker/flowers' fetches it", error, StringComparison.Ordinal);

        (code, output, error) = await RunAsync("pull", "maker/flowers");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("use it with --adapter maker/flowers", output, StringComparison.Ordinal);
        Assert.Equal((await RunAsync([.. embed, tiny.Uploads[0]])).Output, (await RunAsync([.. embed, "maker/flowers"])).Output);
    }

    [Fact]
    public async Task A_pull_that_was_killed_goes_on_from_where_it_was()
    {
        var repository = _hub.AddDirectory(Model, TinyModel.Directory);
        var (deliver, whole) = (repository.Deliver, repository.Files["model.safetensors"]);
        var half = whole.Length / 2;
        repository.Deliver = async (file, response, bytes) =>
        {
            if (!TestRepository.IsLarge(file))
            {
                await deliver(file, response, bytes);
                return;
            }
            await response.Body.WriteAsync(bytes[..half]);
            await response.Body.FlushAsync();
            await Task.Delay(-1, response.HttpContext.RequestAborted);
        };
        var blob = Path.Combine(Cache, "models--maker--tiny", "blobs", TestRepository.Sha256(whole));
        using (var killed = Start("pull", Model))
        {
            while (new FileInfo(blob + ".incomplete") is not { Exists: true } partial || partial.Length < half)
                await Task.Delay(20, TestContext.Current.CancellationToken);
            killed.Kill(); // -9
            await killed.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        Assert.False(File.Exists(blob));

        repository.Deliver = deliver;
        var (code, _, error) = await RunAsync("pull", Model);

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(["", $"bytes={half}-"], _hub.Requests.Where(request => request.Path == Weights).Select(request => request.Range));
        Assert.Equal(whole, await File.ReadAllBytesAsync(blob, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Two_programs_that_pull_the_same_model_fetch_it_once()
    {
        var repository = _hub.AddDirectory(Model, TinyModel.Directory);
        var (deliver, go) = (repository.Deliver, new TaskCompletionSource());
        repository.Deliver = async (file, response, bytes) =>
        {
            await response.StartAsync();
            if (TestRepository.IsLarge(file)) await go.Task;
            await deliver(file, response, bytes);
        };

        var both = new[] { RunAsync("pull", Model), RunAsync("pull", Model) };
        while (_hub.Requests.Count(request => request.Method == "HEAD" && request.Path.EndsWith("/model.safetensors")) < 2)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        await Task.Delay(1000, TestContext.Current.CancellationToken); // in which the second would ask for the file, too
        go.SetResult();

        Assert.All(await Task.WhenAll(both), run => Assert.Equal((0, ""), (run.ExitCode, run.Error)));
        Assert.Single(_hub.Requests, request => request.Path == Weights);
    }

    [Theory]
    [InlineData(2, "there is no repository maker/nobody", "pull", "maker/nobody")]
    [InlineData(2, "has no revision 'v9'", "pull", Model, "--revision", "v9")]
    [InlineData(2, "'tiny': expected ORG/NAME", "pull", "tiny")]
    [InlineData(2, "expected only one revision", "pull", $"{Model}@main", "--revision", "v9")]
    [InlineData(3, "HF_ENDPOINT names another hub", "pull", Model, "HF_ENDPOINT=http://127.0.0.1:1")]
    [InlineData(3, "does not accept the token", "pull", Model, $"HF_TOKEN={Token}-of-somebody-else")]
    [InlineData(3, "HF_HUB_OFFLINE is set", "pull", Model, "HF_HUB_OFFLINE=1")]
    [InlineData(2, "HF_ENDPOINT: expected an address", "pull", Model, "HF_ENDPOINT=nowhere")]
    public async Task What_goes_wrong_is_one_line_without_the_token_and_an_exit_code(int expected, string because, params string[] line)
    {
        var (code, output, error) = await RunAsync(line);
        Assert.Equal((expected, ""), (code, output));
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains(because, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain(Token, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Cache));
    }

    [Fact]
    public async Task A_stack_trace_does_not_show_the_token()
    {
        _hub.Instead = context =>
        {
            context.Response.StatusCode = 403;
            return Task.FromResult(true);
        };
        var (code, _, error) = await RunAsync("pull", Model, "--verbose");
        Assert.Equal(3, code);
        Assert.Contains("HubAccessException", error, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, error, StringComparison.Ordinal);
    }

    private Process Start(params string[] line) =>
        CommandLineProcess.Start(
            "env",
            [
                "-u",
                "HF_HUB_CACHE",
                "-u",
                "HUGGINGFACE_HUB_CACHE",
                $"HF_HOME={_folder.FullName}",
                $"HF_ENDPOINT={_hub.Endpoint}",
                $"HF_TOKEN={Token}",
                .. line.Where(IsVariable),
                CommandLineProcess.Program,
                .. line.Where(word => !IsVariable(word)),
            ]
        );

    private static bool IsVariable(string word) => word.StartsWith("HF_", StringComparison.Ordinal);

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] line)
    {
        using var process = Start(line);
        var cancellation = TestContext.Current.CancellationToken;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output, await error);
    }

    private static async Task<string> AddressAsync(Process server)
    {
        while (await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            if (line.IndexOf("http://127.0.0.1:", StringComparison.Ordinal) is >= 0 and var at)
                return new Uri(line[at..].Split(' ')[0]).GetLeftPart(UriPartial.Authority);
        throw new InvalidOperationException(
            $"The server ended: {await server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}"
        );
    }
}
