using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class KeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_token_is_shown_when_it_is_made_and_never_again()
    {
        var token = (string)
            JsonNode.Parse((await KeyAsync("create", "--name", "shop", "--scopes", "classify,admin", "--json")).AssertDone().Output)![
                "token"
            ]!;

        foreach (var list in new[] { await KeyAsync("list"), await KeyAsync("list", "--json") })
        {
            Assert.Contains("shop", list.AssertDone().Output, StringComparison.Ordinal);
            Assert.DoesNotContain(token[^43..], list.Output, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(token, (await KeyAsync("rotate", "shop")).AssertDone().Output, StringComparison.Ordinal);
        Assert.Contains("is revoked", (await KeyAsync("revoke", "shop")).AssertDone().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scope_that_does_not_exist_and_a_key_that_is_not_there_are_named()
    {
        (await KeyAsync("create", "--name", "shop", "--scopes", "everything")).AssertRefused(ExitCode.BadInput, "everything");
        (await KeyAsync("revoke", "nobody")).AssertRefused(ExitCode.BadInput, "nobody");
    }

    private Task<CommandRun> KeyAsync(params string[] line) => CommandRun.Of(["key", .. line, "--data-dir", _folder.Path]);
}
