using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LoraRecycle.Service.Tests.Keys;

public sealed class ApiKeyTests(RunningService open)
{
    [Fact]
    public async Task From_the_first_key_on_nothing_but_health_and_the_document_is_open()
    {
        await using var service = await KeyedService.StartAsync();
        using (var before = await service.GetAsync("/models"))
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        var key = service.Store.Create("first", [ApiScopes.Classify]);

        foreach (var path in new[] { "/models", "/meta-loras", "/meta-loras/none", "/meta-loras/active", "/metrics", "/no-such-path" })
        {
            using var refused = await service.GetAsync(path);
            await refused.IsProblemAsync(401, "unauthorized");
            Assert.Equal("Bearer realm=\"lora-recycle\"", refused.Headers.WwwAuthenticate.ToString());
        }
        foreach (var path in new[] { "/healthz/live", "/swagger/v1/swagger.json" })
            using (var allowed = await service.GetAsync(path))
                Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        foreach (var header in new[] { "Authorization", ApiKeyHeader })
            using (var allowed = await service.GetAsync("/models", key.Token, header))
                Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
    }

    private const string ApiKeyHeader = "X-Api-Key";

    [Fact]
    public async Task A_key_classifies_and_without_one_the_episode_is_refused()
    {
        await using var service = await KeyedService.StartAsync();
        var key = service.Store.Create("shop", [ApiScopes.Classify]);
        using var content = JsonContent.Create(EpisodeRequests.CupsAndChairs());
        using var answered = await service.SendAsync(HttpMethod.Post, "/classify", key.Token, content: content);
        using var again = JsonContent.Create(EpisodeRequests.CupsAndChairs());
        using var refused = await service.SendAsync(HttpMethod.Post, "/classify", content: again);

        Assert.Equal(2, (await answered.AnswerAsync()).Labels().Length);
        await refused.IsProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task A_key_without_the_scope_is_refused_and_told_which_one_is_needed()
    {
        await using var service = await KeyedService.StartAsync();
        var market = service.Store.Create("market", [ApiScopes.Market]).Token;
        var admin = service.Store.Create("admin", [ApiScopes.Admin]).Token;

        foreach (
            var (method, path, token, scope) in new[]
            {
                (HttpMethod.Get, "/models", market, "classify"),
                (HttpMethod.Post, "/tasks", market, "tasks"),
                (HttpMethod.Post, "/tasks/x/classify", admin, "classify"),
                (HttpMethod.Post, "/classify", admin, "classify"),
                (HttpMethod.Get, "/meta-loras", admin, "market"),
                (HttpMethod.Put, "/meta-loras/active", market, "admin"),
            }
        )
        {
            using var refused = await service.SendAsync(method, path, token);
            await refused.IsProblemAsync(403, "forbidden");
            Assert.Equal(
                $"Bearer realm=\"lora-recycle\", error=\"insufficient_scope\", scope=\"{scope}\"",
                refused.Headers.WwwAuthenticate.ToString()
            );
        }
        using var body = JsonContent.Create(new { id = "none" });
        using var activated = await service.SendAsync(HttpMethod.Put, "/meta-loras/active", admin, content: body);
        Assert.Equal(HttpStatusCode.OK, activated.StatusCode);
    }

    [Fact]
    public async Task Revocation_and_rotation_count_at_the_next_request()
    {
        await using var service = await KeyedService.StartAsync();
        var first = service.Store.Create("shop", [ApiScopes.Classify]).Token;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, first));

        var second = service.Store.Rotate("shop").Token;
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service, first));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, second));

        service.Store.Revoke("shop");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service, second));
        // The last key is gone, and that opens nothing.
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service, token: null));
    }

    [Theory]
    [InlineData("/healthz/live")]
    [InlineData("/healthz/ready")]
    [InlineData("/swagger/v1/swagger.json")]
    [InlineData("/manual/README.md")]
    [InlineData("/")]
    public async Task What_needs_no_key_looks_at_none_and_works_while_they_cannot_be_read(string path)
    {
        var token = "";
        await using var service = await KeyedService.StartAsync(store => token = store.Create("first", [ApiScopes.Classify]).Token);
        using (var content = JsonContent.Create(EpisodeRequests.CupsAndChairs()))
        using (var whenItIsReady = await service.SendAsync(HttpMethod.Post, "/classify", token, content: content))
            await whenItIsReady.AnswerAsync();
        using (var wrong = await service.GetAsync(path, "nonsense"))
            Assert.Equal(HttpStatusCode.OK, wrong.StatusCode);

        using (var known = await service.GetAsync("/models"))
            Assert.Equal(HttpStatusCode.Unauthorized, known.StatusCode);
        File.Delete(service.Store.Path);
        using (var gone = await service.GetAsync("/models"))
            await gone.IsProblemAsync(503, "keys-unavailable");
        foreach (var sent in new[] { null, "nonsense" })
            using (var open = await service.GetAsync(path, sent))
                Assert.Equal(HttpStatusCode.OK, open.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("lrk_")]
    [InlineData("lrk_000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Basic dXNlcjpwYXNz")]
    public async Task A_token_that_is_none_is_refused_even_where_no_key_is_needed(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/models");
        request.Headers.TryAddWithoutValidation(ApiKeyHeader, token);
        using var refused = await open.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await refused.IsProblemAsync(401, "unauthorized");
        Assert.Contains("invalid_token", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic dXNlcjpwYXNz", "key", 200)] // what a proxy asked for
    [InlineData("Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "key", 200)]
    [InlineData("Bearer key", "key", 200)]
    [InlineData("Bearer key", null, 200)]
    [InlineData("Bearer other", "key", 401)]
    [InlineData("Bearer key", "nonsense", 401)]
    [InlineData("Bearer nonsense", null, 401)]
    [InlineData("Basic dXNlcjpwYXNz", null, 401)]
    public async Task Only_two_different_keys_are_too_many(string authorization, string? header, int status)
    {
        await using var service = await KeyedService.StartAsync();
        var key = service.Store.Create("shop", [ApiScopes.Classify]).Token;
        var other = service.Store.Create("other", [ApiScopes.Classify]).Token;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/models");
        request.Headers.TryAddWithoutValidation(
            "Authorization", authorization.Replace("key", key, StringComparison.Ordinal).Replace("other", other, StringComparison.Ordinal));
        if (header is not null)
            request.Headers.TryAddWithoutValidation(ApiKeyHeader, header == "key" ? key : header);
        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_password_for_a_proxy_is_no_key_where_none_is_needed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/models") { Headers = { { "Authorization", "Basic dXNlcjpwYXNz" } } };
        using var response = await open.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_damaged_keys_file_lets_nobody_in_until_it_is_whole_again()
    {
        await using var service = await KeyedService.StartAsync();
        var token = service.Store.Create("shop", [ApiScopes.Classify]).Token;
        var whole = await File.ReadAllBytesAsync(service.Store.Path, TestContext.Current.CancellationToken);

        await File.WriteAllTextAsync(service.Store.Path, "{ \"keys\": [", TestContext.Current.CancellationToken);
        foreach (var with in new[] { token, null })
            using (var refused = await service.GetAsync("/models", with))
                await refused.IsProblemAsync(503, "keys-unavailable");

        await File.WriteAllBytesAsync(service.Store.Path, whole, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, token));
    }

    [Fact]
    public async Task A_keys_file_that_goes_while_the_server_runs_opens_nothing()
    {
        await using var service = await KeyedService.StartAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, null));
        var token = service.Store.Create("shop", [ApiScopes.Classify]).Token;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, token));
        var whole = await File.ReadAllBytesAsync(service.Store.Path, TestContext.Current.CancellationToken);

        File.Delete(service.Store.Path);
        foreach (var with in new[] { token, null })
            using (var refused = await service.GetAsync("/models", with))
                await refused.IsProblemAsync(503, "keys-unavailable");

        await File.WriteAllBytesAsync(service.Store.Path, whole, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, token));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service, null));
    }

    [Fact]
    public void What_began_with_a_key_ends_when_the_key_is_revoked_or_replaced()
    {
        var folder = Directory.CreateTempSubdirectory("lora-recycle-keys-");
        try
        {
            var store = new ApiKeyStore(folder.FullName, TimeProvider.System);
            var admission = new LastingAdmission(new LiveApiKeys(store, TimeProvider.System));
            var (rotated, revoked) = (UserOf(store.Create("a", [ApiScopes.Market]).Key), UserOf(store.Create("b", [ApiScopes.Market]).Key));
            Assert.True(admission.Holds(rotated) && admission.Holds(revoked) && admission.Holds(new ClaimsPrincipal()));

            store.Rotate("a");
            store.Revoke("b");
            Assert.False(admission.Holds(rotated) || admission.Holds(revoked));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static ClaimsPrincipal UserOf(ApiKey key) => new(new ClaimsIdentity(
            [new Claim(ApiKeyAuthentication.KeyClaim, key.Id), new Claim(ApiKeyAuthentication.HashClaim, key.Hash)]));
    }

    [Fact]
    public void Every_endpoint_says_who_may_use_it()
    {
        var undeclared = open
            .Services.GetServices<EndpointDataSource>()
            .SelectMany(source => source.Endpoints)
            .Where(endpoint =>
                endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null && endpoint.Metadata.GetMetadata<IAuthorizeData>() is null
            );
        Assert.Empty(undeclared);
    }

    private static async Task<HttpStatusCode> StatusAsync(KeyedService service, string? token)
    {
        using var response = await service.GetAsync("/models", token);
        return response.StatusCode;
    }
}
