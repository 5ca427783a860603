using LoraRecycle.Service.Platform.Security;

namespace LoraRecycle.Service.Tests.Keys;

public sealed class ApiKeyStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-keys-");

    private ApiKeyStore Store => new(Path.Combine(_folder.FullName, "data"), TimeProvider.System);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_file_holds_no_token_and_is_its_owners_alone()
    {
        var issued = Store.Create("shop", [ApiScopes.Admin, ApiScopes.Classify]);
        var text = File.ReadAllText(Store.Path);

        Assert.DoesNotContain(issued.Token, text, StringComparison.Ordinal);
        Assert.DoesNotContain(issued.Token[^43..], text, StringComparison.Ordinal);
        Assert.Contains(ApiKeyToken.HashOf(issued.Token), text, StringComparison.Ordinal);
        Assert.Equal(["classify", "admin"], Assert.Single(Store.Read()).Scopes);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Store.Path));
    }

    [Fact]
    public void Keys_that_are_made_at_once_are_all_kept()
    {
        Parallel.For(0, 20, i => Store.Create($"key {i}", [ApiScopes.Classify]));

        Assert.Equal(20, Store.Read().Select(key => key.Id).Distinct().Count());
    }

    [Fact]
    public void What_cannot_be_is_refused_and_changes_nothing()
    {
        Store.Create("shop", [ApiScopes.Classify]);
        var before = File.ReadAllBytes(Store.Path);

        Assert.Contains(
            "everything",
            Assert.Throws<ApiKeyException>(() => Store.Create("other", ["everything"])).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ApiKeyException>(() => Store.Create("other", []));
        Assert.Throws<ApiKeyException>(() => Store.Create("  ", [ApiScopes.Classify]));
        Assert.Throws<ApiKeyException>(() => Store.Create("shop", [ApiScopes.Classify]));
        Assert.Contains("nobody", Assert.Throws<ApiKeyException>(() => Store.Revoke("nobody")).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Store.Path));
    }

    [Fact]
    public void A_name_is_free_again_once_its_key_is_revoked()
    {
        var first = Store.Create("shop", [ApiScopes.Classify]).Key;
        Store.Revoke(first.Id);
        var second = Store.Create("shop", [ApiScopes.Classify]).Key;

        Assert.Equal(second.Id, Store.Rotate("shop").Key.Id);
        Assert.Throws<ApiKeyException>(() => Store.Rotate(first.Id));
    }
}
