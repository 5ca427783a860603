using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;

namespace LoraRecycle.Client;

/// <summary>One request, as often as it is sent.</summary>
/// <param name="Method">The verb.</param>
/// <param name="Path">Below the service's address, without a slash in front.</param>
internal sealed record Call(HttpMethod Method, string Path)
{
    /// <summary>Whether doing it twice is as good as doing it once.</summary>
    public bool IsSafe { get; init; } = Method == HttpMethod.Get;

    public Form? Form { get; init; }

    public Func<HttpContent>? Json { get; init; }

    /// <summary>Whether the body may be so large that the service is asked before it is sent.</summary>
    public bool IsLarge { get; init; }

    /// <summary>An answer besides those of success that is no problem.</summary>
    public HttpStatusCode? Also { get; init; }

    public Dictionary<string, string?> Headers { get; init; } = [];

    public bool CanRepeat => Form?.CanRepeat ?? true;

    public static Func<HttpContent> Body<T>(T value, JsonTypeInfo<T> json) => () => JsonContent.Create(value, json);

    /// <summary>A path of parts that may have any characters.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts)
    {
        var escaped = new string[parts.Length];
        for (var part = 0; part < parts.Length; part++)
        {
            ArgumentException.ThrowIfNullOrEmpty(parts[part]);
            escaped[part] = Uri.EscapeDataString(parts[part]);
        }
        return string.Join('/', escaped);
    }

    public HttpRequestMessage ToRequest(ClientOptions options)
    {
        var address = options.Url.AbsoluteUri;
        var request = new HttpRequestMessage(Method, new Uri($"{address.TrimEnd('/')}/{Path}"))
        {
            Content = Form?.ToContent() ?? Json?.Invoke(),
        };
        if (options.Key is { Length: > 0 } key)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        foreach (var (name, value) in Headers)
            if (value is not null)
                request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.ExpectContinue = IsLarge ? true : null;
        return request;
    }
}
