using System.Net;
using LoraRecycle.Service.Tests.Serving;

namespace LoraRecycle.Service.Tests.Health;

public sealed class ReadyTests
{
    [Fact]
    public async Task A_device_that_hangs_is_not_ready_and_is_again_when_it_goes_on()
    {
        using var service = new ControlledService(("Health:Deadline", "00:00:00.2"));
        using var client = service.CreateClient();
        await service.Embedder.Model;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/healthz/ready"));

        service.Model.Close();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(client, "/healthz/ready"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(client, "/healthz"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/healthz/live"));
        var passes = service.Model.Batches.Length;

        service.Model.Open();
        await ControlledService.UntilAsync(
            () => client.GetAsync("/healthz/ready").Result.IsSuccessStatusCode,
            () => "the service to be ready"
        );
        // The checks that failed shared the pass that hung, and left nothing behind.
        Assert.InRange(service.Model.Batches.Length - passes, 0, 3);
        Assert.Equal(0, service.Embedder.Waiting);
    }

    [Fact]
    public async Task A_forward_pass_that_fails_is_not_ready()
    {
        using var service = new ControlledService();
        using var client = service.CreateClient();
        await service.Embedder.Model;
        service.Model.OnBatch = _ => throw new InvalidOperationException("device lost");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(client, "/healthz/ready"));

        service.Model.OnBatch = _ => { };
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/healthz/ready"));
    }

    [Fact]
    public async Task It_is_not_ready_before_the_first_forward_pass()
    {
        using var service = new ControlledService(closed: true);
        using var client = service.CreateClient();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(client, "/healthz/ready"));
        service.Model.Open();
        await service.Embedder.Model;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/healthz/ready"));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
