using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using LoraRecycle.Cli.Commands.Serving;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Demo;

/// <summary>Asks a running service to classify.</summary>
/// <param name="server">Where it is.</param>
/// <param name="key">What it is shown; null for nothing.</param>
internal sealed class ClassifyClient(Uri server, string? key) : IDisposable
{
    // A proxy of the environment's cannot reach a server on this machine.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = !server.IsLoopback })
    {
        BaseAddress = server,
        DefaultRequestHeaders = { Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key) },
    };

    public void Dispose() => _http.Dispose();

    /// <exception cref="EnvironmentException">Nothing answers there, or not with the answer of this service.</exception>
    public async Task<ClassifyAnswer> ClassifyAsync(ClassifyRequest request, CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.PostAsJsonAsync("/classify", request, ClassifyJson.Default.ClassifyRequest, cancellation);
            if (!response.IsSuccessStatusCode)
                throw new EnvironmentException(
                    $"{server} answered {(int)response.StatusCode}: "
                        + $"{await ReasonAsync(response, cancellation)}{Advice(response.StatusCode)}"
                );
            return await response.Content.ReadFromJsonAsync(ClassifyJson.Default.ClassifyAnswer, cancellation)
                ?? throw new JsonException("null");
        }
        catch (HttpRequestException e)
        {
            throw new EnvironmentException($"No server answers at {server}: {e.Message}. Start one with ./run, or leave --url out.", e);
        }
        catch (JsonException e)
        {
            throw new EnvironmentException($"The server at {server} is not this service: {e.Message}", e);
        }
    }

    private string Advice(HttpStatusCode status) => status == HttpStatusCode.Unauthorized
        ? $" Put {(key is null ? "a" : "another")} key in {ServerKeyOption.Variable}, or in a file for --key-file."
        : "";

    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = await response.Content.ReadAsStringAsync(cancellation);
        try
        {
            var problem = JsonSerializer.Deserialize(body, ClassifyJson.Default.Problem);
            return problem?.Detail ?? problem?.Title ?? response.ReasonPhrase ?? "no reason given";
        }
        catch (JsonException)
        {
            return response.ReasonPhrase ?? "no reason given";
        }
    }
}
