using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.Page;

public sealed class SampleTests(RunningService service)
{
    [Fact]
    public async Task Every_photograph_that_is_listed_can_be_had()
    {
        using var response = await service.Client.GetAsync("/samples", TestContext.Current.CancellationToken);
        var classes = (await response.AnswerAsync()).GetProperty("classes").EnumerateArray().ToArray();
        Assert.Equal(8, classes.Length);
        var (label, name) = (classes[0].GetProperty("label").GetString()!, classes[0].GetProperty("images")[0].GetString()!);

        using var photograph = await service.Client.GetAsync($"/samples/{label}/{name}", TestContext.Current.CancellationToken);
        Assert.Equal("image/jpeg", photograph.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            await File.ReadAllBytesAsync(Repository.PathOf("samples", label, name), TestContext.Current.CancellationToken),
            await photograph.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)
        );
    }

    [Theory]
    [InlineData("cup/..%2F..%2FREADME.md")]
    [InlineData("..%2F..%2Fmodels/vit-s-12-96%2Fconfig.json")]
    [InlineData("cup/none.jpg")]
    public async Task Nothing_else_can(string path)
    {
        using var response = await service.Client.GetAsync($"/samples/{path}", TestContext.Current.CancellationToken);
        await response.IsProblemAsync(404, "not-found", null);
    }

    [Fact]
    public async Task The_limits_are_those_of_the_settings()
    {
        await using var small = await RunningService.StartAsync("--Limits:ImageBytes", "12345");
        using var http = new HttpClient { BaseAddress = new Uri(small.Urls.Single()) };
        using var response = await http.GetAsync("/limits", TestContext.Current.CancellationToken);
        Assert.Equal(12345, (await response.AnswerAsync()).GetProperty("imageBytes").GetInt64());
    }
}
