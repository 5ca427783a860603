namespace LoraRecycle.Service.Tests.Errors;

public sealed class ProblemWriterTests(RunningService service)
{
    [Theory]
    [InlineData("text/html")]
    [InlineData("image/*")]
    [InlineData("*/*;q=0")]
    public async Task What_a_request_accepts_changes_nothing_about_its_problem(string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nothing/here");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((404, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Contains("\"code\":\"not-found\"", text, StringComparison.Ordinal);
        Assert.Contains($"\"requestId\":\"{response.Headers.GetValues("X-Request-Id").Single()}\"", text, StringComparison.Ordinal);

        using var refused = new HttpRequestMessage(HttpMethod.Get, "/meta-loras/missing");
        refused.Headers.TryAddWithoutValidation("Accept", accept);
        using var problem = await service.Client.SendAsync(refused, TestContext.Current.CancellationToken);
        await problem.IsProblemAsync(404, "meta-lora-not-found");
    }
}
