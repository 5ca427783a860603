using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace LoraRecycle.Client.Tests.Drift;

/// <summary>Answers as the document says, and notes what it was asked.</summary>
internal sealed partial class DescribedService(OpenApiDocument document) : HttpMessageHandler
{
    public List<Request> Requests { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var operation = document.OperationOf(request.Method, address.AbsolutePath);
        Requests.Add(new Request(
            operation ?? $"{request.Method} {address.AbsolutePath}",
            [.. address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=')[0])],
            [.. PartName().Matches(body).Select(match => Uri.UnescapeDataString(match.Groups[1].Value))],
            request.Content?.Headers.ContentType?.MediaType == "application/json" ? body : null));
        if (operation is null)
            return new HttpResponseMessage { Content = new StringContent("") };
        var (status, mediaType, schema) = OpenApiDocument.AnswerOf(document.Operations[operation]);
        var text = mediaType switch
        {
            "application/json" => document.Sample(schema!).ToJsonString(),
            "text/event-stream" => "id: 1\nevent: state\ndata: {\"state\":\"succeeded\",\"final\":true,\"message\":\"\"}\n\n",
            _ => "x",
        };
        return new HttpResponseMessage((HttpStatusCode)status)
        {
            Content = new StringContent(text, Encoding.UTF8, mediaType ?? "text/plain"),
        };
    }

    [GeneratedRegex(@"name\*=UTF-8''(\S+)")]
    private static partial Regex PartName();

    /// <param name="Operation">The operation of the document; the verb and the path of one that it does not have.</param>
    /// <param name="Query">The names of the URL's parameters.</param>
    /// <param name="Parts">The names of the form's parts.</param>
    /// <param name="Json">The body, if it is JSON.</param>
    public sealed record Request(string Operation, IReadOnlyList<string> Query, IReadOnlyList<string> Parts, string? Json);
}
