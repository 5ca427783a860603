using System.Net.Http.Json;

namespace LoraRecycle.Service.Tests.Endpoints;

/// <summary>Text that went through a URL or a form has spaces for its pluses; text that went
/// through a shell, for its line breaks.</summary>
public sealed class SpacesInBase64Tests(RunningService service)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Text => Photographs.Base64("chair", 0);

    [Fact]
    public async Task Spaces_for_pluses_are_told_and_never_decoded_to_another_image()
    {
        Assert.Contains('+', Text);
        var problem = await RefusedAsync(Text.Replace('+', ' '));
        Assert.Contains("spaces where '+' should be", problem, StringComparison.Ordinal);
        Assert.Contains(
            "spaces where '+' should be",
            await RefusedAsync($"data:image/jpeg;base64,{Text.Replace('+', ' ')}"),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(76, " ")]
    [InlineData(64, " ")]
    [InlineData(76, "\r\n")]
    [InlineData(76, "\n    ")]
    [InlineData(60, "  ")]
    public async Task Lines_are_joined_again(int length, string between)
    {
        var lines = string.Join(between, Text.Chunk(length).Select(line => new string(line)));
        using var response = await service.Client.PostAsJsonAsync("/classify", EpisodeRequests.WithImage(lines), Cancellation);
        Assert.Equal("cup", Assert.Single((await response.AnswerAsync()).Labels()));
    }

    private async Task<string> RefusedAsync(string image)
    {
        using var response = await service.Client.PostAsJsonAsync("/classify", EpisodeRequests.WithImage(image), Cancellation);
        await response.IsProblemAsync(422, "invalid-base64", "support[1].images[0]");
        return (await response.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Cancellation)).GetProperty("detail").GetString()!;
    }
}
