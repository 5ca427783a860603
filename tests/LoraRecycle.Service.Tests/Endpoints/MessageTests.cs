using System.Net.Http.Json;
using System.Text;

namespace LoraRecycle.Service.Tests.Endpoints;

/// <summary>What a client is told must be what is wrong.</summary>
public sealed class MessageTests(RunningService service)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{ "support": [ { "label": "\ud83d" """, "support[0].label")]
    [InlineData("""{ "support": [ { "label": "a\udc00b" """, "support[0].label")]
    [InlineData("""{ "metaLora": "\ud83d\ud83d" """, "metaLora")]
    [InlineData("""{ "\ud83d": 1 """, null)]
    [InlineData("""{ "support": [ { "\udc00": 1 """, "support[0]")]
    [InlineData("{ \"metaLora\": \"\u00ff\"", "metaLora")] // a byte that is not UTF-8
    public async Task Half_of_a_surrogate_pair_is_named_with_its_place(string json, string? field)
    {
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(json));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        using var response = await service.Client.PostAsync("/classify", content, Cancellation);

        var problem = await response.IsProblemAsync(400, "malformed-json", field);
        Assert.Contains("half of a surrogate pair", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "id": "\ud83d" }""")]
    [InlineData("""{ "\ud83d": "none" }""")]
    public async Task It_is_in_the_other_bodies_too(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await service.Client.PutAsync("/meta-loras/active", content, Cancellation);

        var problem = await response.IsProblemAsync(400, "malformed-json");
        Assert.Contains("half of a surrogate pair", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" data:image/jpeg;base64,{0}")]
    [InlineData("\n\tdata:image/jpeg;base64,{0} ")]
    [InlineData("DATA:image/jpeg;base64, {0}\r\n")]
    [InlineData(" {0}\n")]
    public async Task White_space_around_an_image_is_none_of_it(string form)
    {
        var image = form.Replace("{0}", Photographs.Base64("chair", 0), StringComparison.Ordinal);
        var answer = await service.Client.ClassifyAsync(EpisodeRequests.WithImage(image));

        Assert.Equal(["cup"], answer.Labels());
    }

    [Theory]
    [InlineData(" https://example.org/cup.jpg", "remote-image")]
    [InlineData("file:///cup.jpg", "remote-image")]
    [InlineData(@"C:\pictures\cup.jpg", "invalid-base64")]
    [InlineData(" data:image/jpeg,xyz", "invalid-base64")]
    [InlineData("   ", "empty-image")]
    public async Task What_is_no_image_is_named_as_what_it_is(string image, string code)
    {
        using var response = await service.Client.PostAsJsonAsync("/classify", EpisodeRequests.WithImage(image), Cancellation);

        await response.IsProblemAsync(422, code, "support[1].images[0]");
    }
}
