using System.Net;
using System.Text.Json.Nodes;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>Keys made by the command line, against a server that runs meanwhile.</summary>
public sealed class KeyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-keys-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_key_works_until_it_is_rotated_and_then_revoked_without_a_restart()
    {
        var first = await TokenAsync("create", "--name", "shop", "--scopes", "classify");
        await using var server = await ServedProcess.StartAsync(
            $"--Models:Directory={TinyModel.Models}",
            $"--Models:Default={TinyModel.Name}",
            $"--Storage:Directory={_folder.FullName}"
        );
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync(server, null), await StatusAsync(server, first)));

        var second = await TokenAsync("rotate", "shop");
        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.OK),
            (await StatusAsync(server, first), await StatusAsync(server, second))
        );

        await KeyAsync("revoke", "shop");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, second));
        var listed = await KeyAsync("list", "--json");
        Assert.DoesNotContain(second, listed, StringComparison.Ordinal);
        Assert.NotNull(JsonNode.Parse(listed)![0]!["revoked"]);
    }

    [Fact]
    public async Task It_does_not_start_beyond_loopback_without_a_key()
    {
        var (code, _, error) = await CommandLineProcess.RunAsync(
            CommandLineProcess.Program, "serve", "--url", "http://0.0.0.0:0", $"--Storage:Directory={_folder.FullName}");

        Assert.Equal(2, code);
        Assert.Contains("Security:AllowAnonymous=true", error, StringComparison.Ordinal);
        Assert.Contains("key create", error, StringComparison.Ordinal);
    }

    private async Task<string> TokenAsync(params string[] line) => (string)JsonNode.Parse(await KeyAsync([.. line, "--json"]))!["token"]!;

    private async Task<string> KeyAsync(params string[] line)
    {
        var (code, output, error) = await CommandLineProcess.RunAsync(
            CommandLineProcess.Program,
            ["key", .. line, "--data-dir", _folder.FullName]
        );
        Assert.Equal((0, ""), (code, error));
        return output;
    }

    private static async Task<HttpStatusCode> StatusAsync(ServedProcess server, string? token)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address + "/models");
        if (token is not null)
            request.Headers.Add("X-Api-Key", token);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
