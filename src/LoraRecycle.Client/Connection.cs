using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace LoraRecycle.Client;

/// <summary>Sends requests, and again when the service says that it is worth it.</summary>
internal sealed class Connection(ClientOptions options, HttpClient http)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    // With these the service did nothing of the request; with other problems of the same status it may have begun.
    private static readonly HashSet<string> Refusals = ["too-many-requests", "queue-full", "too-many-jobs", "keys-unavailable"];

    public TimeSpan RetryFor => options.RetryFor;

    /// <returns>An answer of success, whose body is not read yet.</returns>
    /// <exception cref="ProblemException">Any other answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(Call call, CancellationToken cancellation)
    {
        for (var waited = TimeSpan.Zero; ;)
        {
            using var request = call.ToRequest(options);
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode || response.StatusCode == call.Also)
                return response;
            using (response)
            {
                var problem = await ProblemException.ReadAsync(response, cancellation).ConfigureAwait(false);
                if (!MaySendAgain(call, problem) || problem.RetryAfter is not { } told)
                    throw problem;
                var wait = told > Shortest ? told : Shortest;
                waited += wait;
                if (waited > options.RetryFor)
                    throw problem;
                await Task.Delay(wait, cancellation).ConfigureAwait(false);
            }
        }
    }

    public async Task<T> SendAsync<T>(Call call, JsonTypeInfo<T> json, CancellationToken cancellation)
    {
        using var response = await SendAsync(call, cancellation).ConfigureAwait(false);
        return await ReadAsync(response, json, cancellation).ConfigureAwait(false);
    }

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellation) =>
        SendAsync(new Call(HttpMethod.Get, path), json, cancellation);

    /// <summary>Ends something: it is still there for a moment, and comes back, or null, when it is gone.</summary>
    public async Task<T?> EndAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellation) where T : class
    {
        using var response = await SendAsync(new Call(HttpMethod.Delete, path), cancellation).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.NoContent
            ? null
            : await ReadAsync(response, json, cancellation).ConfigureAwait(false);
    }

    public async Task<byte[]> BytesAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(new Call(HttpMethod.Get, path), cancellation).ConfigureAwait(false);
        return await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
    }

    public async Task<string> TextAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(new Call(HttpMethod.Get, path), cancellation).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
    }

    public async Task DoAsync(Call call, CancellationToken cancellation) =>
        (await SendAsync(call, cancellation).ConfigureAwait(false)).Dispose();

    /// <summary>A list from its first page to its last, each asked for when it is needed.</summary>
    /// <param name="page">The path of the page after a mark, or of the first one.</param>
    /// <param name="json">What a page is.</param>
    /// <param name="items">What is on it.</param>
    /// <param name="next">The mark of the next one; null on the last.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<TItem> PagesAsync<TPage, TItem>(
        Func<string?, string> page,
        JsonTypeInfo<TPage> json,
        Func<TPage, IReadOnlyList<TItem>> items,
        Func<TPage, string?> next,
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        string? mark = null;
        do
        {
            var answer = await GetAsync(page(mark), json, cancellation).ConfigureAwait(false);
            foreach (var item in items(answer))
                yield return item;
            mark = next(answer);
        } while (mark is not null);
    }

    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> json, CancellationToken cancellation) =>
        await response.Content.ReadFromJsonAsync(json, cancellation).ConfigureAwait(false)
        ?? throw new HttpRequestException("Expected an answer in JSON; found null.");

    private static bool MaySendAgain(Call call, ProblemException problem) =>
        problem.Status is 429 or 503 && call.CanRepeat && (call.IsSafe || (problem.Code is { } code && Refusals.Contains(code)));
}
