using LoraRecycle.Client.Contracts;
using LoraRecycle.EndToEnd;

namespace LoraRecycle.Client.Tests;

/// <summary>Classification by the client, on the server as it is shipped.</summary>
public sealed class ClassifyTests(ServedProcess server) : IDisposable
{
    private readonly LoraRecycleClient _client = new(server.Address);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Paths_bytes_and_streams_get_the_same_answer()
    {
        var bytes = await File.ReadAllBytesAsync(Photograph.AnotherCup, Cancellation);
        await using var file = File.OpenRead(Photograph.AnotherCup);
        await using var pipe = new UnseekableStream(bytes);

        var answer = await _client.ClassifyAsync(
            Photograph.CupAndChair,
            [Photograph.AnotherCup, bytes, file, FileSource.FromStream(pipe)],
            cancellationToken: Cancellation
        );

        Assert.All(answer.Predictions, one => Assert.Equal("cup", one.Label));
        Assert.Single(answer.Predictions.Select(one => one.Probability).Distinct());
        Assert.InRange(answer.Predictions[0].Probability, 0.7, 1);
        Assert.True(file.CanRead);
    }

    [Fact]
    public async Task Labels_of_any_characters_come_back_as_they_were_sent()
    {
        string[] labels = ["Tässchen ☕", """a "quoted" \ one]""", "100 %; naïve=\U0001F600"];
        var support = new SupportSet();
        foreach (var label in labels)
            support.Add(label, Photograph.Cup, Photograph.Chair);

        var answer = await _client.ClassifyAsync(support, [Photograph.AnotherCup], cancellationToken: Cancellation);

        Assert.Equal(labels.ToHashSet(), answer.Predictions[0].Scores.Select(one => one.Label).ToHashSet());
    }

    [Fact]
    public async Task Rejection_embeddings_and_the_bare_model_are_asked_for()
    {
        var answer = await _client.ClassifyAsync(
            Photograph.CupAndChair,
            [Photograph.AnotherCup, Photograph.Airplane],
            metaLora: "none",
            reject: 0.5,
            embeddings: true,
            Cancellation
        );

        Assert.Equal(("none", 0.5), (answer.Model.MetaLora, answer.Reject!.FalseRejectionRate));
        Assert.All(answer.Predictions, one => Assert.Equal(one.Novelty > answer.Reject.Threshold, one.Label is null));
        Assert.Contains(answer.Predictions, one => one.Label is null);
        Assert.Equal(["cup", "chair"], answer.Embeddings!.Support.Select(one => one.Label));
        Assert.Equal(2, answer.Embeddings.Queries.Count);
        Assert.NotEmpty(answer.Embeddings.Queries[0]);
    }

    [Fact]
    public async Task A_problem_has_a_code_a_field_and_the_id_of_the_request()
    {
        SupportSet support = new() { ["cup"] = [Photograph.Cup, "no image"u8.ToArray()], ["chair"] = [Photograph.Chair] };

        var problem = await Assert.ThrowsAsync<ProblemException>(() =>
            _client.ClassifyAsync(support, [Photograph.AnotherCup], cancellationToken: Cancellation)
        );

        Assert.Equal((415, "unsupported-image-format", "support[cup][1]"), (problem.Status, problem.Code, problem.Field));
        Assert.NotNull(problem.RequestId);
        Assert.Contains(problem.Detail!, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_leads_nowhere_is_an_error_that_names_it()
    {
        var error = await Assert.ThrowsAsync<FileNotFoundException>(() =>
            _client.ClassifyAsync(Photograph.CupAndChair, ["nowhere.jpg"], cancellationToken: Cancellation)
        );

        Assert.Equal("nowhere.jpg", error.FileName);
    }

    [Fact]
    public async Task A_call_is_given_up_when_it_is_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _client.ClassifyAsync(Photograph.CupAndChair, [Photograph.AnotherCup], cancellationToken: cancelled.Token)
        );
    }

    [Fact]
    public async Task The_server_tells_of_itself()
    {
        Assert.Equal("Healthy", (await _client.Server.GetLiveAsync(Cancellation)).Status);
        Assert.Equal("Healthy", (await _client.Server.GetReadyAsync(Cancellation)).Status);
        Assert.Contains(await ModelsAsync(), model => model is { Default: true, Status: "ready" });
        Assert.Equal(2000, (await _client.Server.GetLimitsAsync(Cancellation)).ImagesPerRequest);
        Assert.True((await _client.Server.ListErrorsAsync(Cancellation)).Since < DateTimeOffset.UtcNow);
        Assert.Contains("# TYPE", await _client.Server.GetMetricsAsync(Cancellation), StringComparison.Ordinal);
        var cups = (await _client.Server.ListSamplesAsync(Cancellation)).Classes.Single(one => one.Label == "cup");
        var cup = await _client.Server.GetSampleAsync("cup", cups.Images[0], Cancellation);
        Assert.Equal(await File.ReadAllBytesAsync(Photograph.Cup, Cancellation), cup);

        async Task<IReadOnlyList<HostedModel>> ModelsAsync() => (await _client.Server.ListModelsAsync(Cancellation)).Models;
    }
}
