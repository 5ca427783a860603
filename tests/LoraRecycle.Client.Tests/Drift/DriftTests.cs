using System.Text.Json;
using System.Text.Json.Nodes;
using LoraRecycle.Client.Contracts;
using LoraRecycle.EndToEnd;

namespace LoraRecycle.Client.Tests.Drift;

/// <summary>The client does what the service's document says: all of it, and nothing else.</summary>
public sealed class DriftTests(ServedProcess server)
{
    /// <summary>For Prometheus, and in no document.</summary>
    private const string Metrics = "GET /metrics";

    /// <summary>More than any has.</summary>
    private static readonly string[] EveryFileOfALora =
        ["adapter_model.safetensors", "adapter_config.json", "head.safetensors", "classes.json", "lora.safetensors"];

    [Fact]
    public async Task Every_operation_has_a_method_and_every_method_an_operation()
    {
        var (document, calls) = await CallAllAsync();

        Assert.Equal(
            document.Operations.Keys.Append(Metrics).Order(StringComparer.Ordinal),
            calls.SelectMany(call => call.Requests).Select(request => request.Operation).Distinct().Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Every_parameter_can_be_given_and_no_other_is()
    {
        var (document, calls) = await CallAllAsync();

        var requests = calls.SelectMany(call => call.Requests).Where(request => request.Operation != Metrics);
        foreach (var asked in requests.ToLookup(one => one.Operation))
        {
            var described = document.Operations[asked.Key];
            Assert.Equal(
                (asked.Key, string.Join(' ', OpenApiDocument.QueryOf(described).Order(StringComparer.Ordinal))),
                (asked.Key, string.Join(' ', asked.SelectMany(one => one.Query).Distinct().Order(StringComparer.Ordinal)))
            );
            var content = described["requestBody"]?["content"];
            // Of the names that a file of a LoRA may have, "file" stands for any of the others.
            var form = content?["multipart/form-data"]?["schema"]!["properties"]!.AsObject().Select(one => OneLabel(one.Key)) ?? [];
            Assert.Equal(
                (asked.Key, string.Join(' ', form.Except(["file"]).Distinct().Order(StringComparer.Ordinal))),
                (asked.Key, string.Join(' ', asked.SelectMany(one => one.Parts).Select(OneLabel).Distinct().Order(StringComparer.Ordinal)))
            );
            foreach (var json in asked.Select(one => one.Json).OfType<string>())
            {
                var schema = content!["application/json"]!["schema"]!;
                var expected = WithoutOpen(document.Sample(schema));
                Assert.True(JsonNode.DeepEquals(expected, WithoutOpen(JsonNode.Parse(json)!)), $"{asked.Key}: {json}");
            }
        }

        static string OneLabel(string part) => part.StartsWith("support[", StringComparison.Ordinal) ? "support" : part;
    }

    [Fact]
    public async Task Answers_are_read_without_losing_anything()
    {
        var (document, calls) = await CallAllAsync();

        foreach (var (method, requests, result) in calls.Where(call => call.Requests[0].Operation != Metrics))
        {
            var (_, mediaType, schema) = OpenApiDocument.AnswerOf(document.Operations[requests[0].Operation]);
            if (mediaType != "application/json")
                continue;
            var answer = document.Sample(schema!);
            var read = JsonSerializer.SerializeToNode(result, result!.GetType(), JsonSerializerOptions.Web);
            // Of a list, an item is read.
            if (answer["next"] is not null)
                answer = answer.AsObject().First().Value![0]!;
            Assert.True(JsonNode.DeepEquals(answer, read), $"{method}: expected {answer.ToJsonString()}\nfound {read!.ToJsonString()}");
        }
    }

    [Fact]
    public async Task Types_and_what_may_be_null_are_as_described_and_nothing_is_left_over()
    {
        var document = await OpenApiDocument.ReadAsync(server.Address);
        var contract = new Contract(document);
        foreach (var operation in document.Operations.Values)
            if (OpenApiDocument.AnswerOf(operation) is { MediaType: "application/json", Schema: { } schema })
                contract.Compare(OpenApiDocument.NameOf(schema)!);
        contract.Compare(nameof(RecycleRequest));

        Assert.Empty(contract.Differences);
        Assert.Empty(
            typeof(JobEvent).Assembly.GetExportedTypes()
                .Where(type => type.Namespace == typeof(JobEvent).Namespace && !type.IsAssignableTo(typeof(JobEvent)))
                .Select(type => type.Name)
                .Except(contract.Seen)
        );
    }

    private async Task<(OpenApiDocument Document, List<Called> Calls)> CallAllAsync()
    {
        var document = await OpenApiDocument.ReadAsync(server.Address);
        var service = new DescribedService(document);
        using var http = new HttpClient(service);
        using var client = new LoraRecycleClient(new ClientOptions(), http);
        using var lora = new TemporaryDirectory();
        foreach (var file in EveryFileOfALora)
            await File.WriteAllTextAsync(Path.Combine(lora.Path, file), "x", TestContext.Current.CancellationToken);
        var calls = new List<Called>();
        foreach (var (of, method) in EveryCall.Methods(client))
        {
            service.Requests.Clear();
            var result = await EveryCall.CallAsync(of, method, lora.Path);
            calls.Add(new Called($"{of.GetType().Name}.{method.Name}", [.. service.Requests], result));
        }
        return (document, calls);
    }

    /// <summary>Settings of the method have names of their own, which the client passes on.</summary>
    private static JsonNode WithoutOpen(JsonNode body)
    {
        foreach (var open in new[] { "inversion", "distillation" })
            (body as JsonObject)?.Remove(open);
        return body;
    }

    /// <param name="Method">What was called.</param>
    /// <param name="Requests">What the service was asked for it.</param>
    /// <param name="Result">What came of it.</param>
    private sealed record Called(string Method, IReadOnlyList<DescribedService.Request> Requests, object? Result);
}
