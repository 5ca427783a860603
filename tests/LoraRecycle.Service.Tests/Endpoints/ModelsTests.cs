namespace LoraRecycle.Service.Tests.Endpoints;

public sealed class ModelsTests(RunningService service)
{
    [Fact]
    public async Task The_shipped_model_is_listed_with_its_device_once_it_is_ready()
    {
        await service.Client.ClassifyAsync(EpisodeRequests.CupsAndChairs()); // waits for the model
        using var response = await service.Client.GetAsync("/models", TestContext.Current.CancellationToken);
        var model = Assert.Single(
            (await response.AnswerAsync()).GetProperty("models").EnumerateArray(),
            model => model.GetProperty("default").GetBoolean()
        );

        Assert.Equal("vit-s-12-96", model.GetProperty("id").GetString());
        Assert.Equal("ready", model.GetProperty("status").GetString());
        Assert.All(
            model.GetProperty("devices").EnumerateArray(),
            device => Assert.Matches("^(cpu|cuda(:[0-9]+)?)$", device.GetProperty("name").GetString())
        );
        Assert.All(
            model.GetProperty("devices").EnumerateArray(),
            device => Assert.Equal("ready", device.GetProperty("status").GetString())
        );
        Assert.NotEmpty(model.GetProperty("devices").EnumerateArray());
        Assert.Equal(384, model.GetProperty("embeddingLength").GetInt32());
        Assert.Matches("^[0-9a-f]{64}$", model.GetProperty("revision").GetString());
    }

    [Fact]
    public async Task Answers_carry_headers_that_restrain_browsers_and_do_not_name_the_server()
    {
        using var response = await service.Client.GetAsync("/models", TestContext.Current.CancellationToken);

        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.False(response.Headers.Contains("Server"));
    }
}
