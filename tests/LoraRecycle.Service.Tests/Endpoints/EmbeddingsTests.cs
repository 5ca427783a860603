using System.Text.Json;

namespace LoraRecycle.Service.Tests.Endpoints;

public sealed class EmbeddingsTests(RunningService service)
{
    [Fact]
    public async Task Embeddings_come_when_they_are_asked_for_and_distances_are_those_to_the_means_of_a_class()
    {
        var (answer, form) = (await service.Client.ClassifyAsync(Episode(true)), await FormAsync("true"));
        Assert.False((await service.Client.ClassifyAsync(Episode(false))).TryGetProperty("embeddings", out _));
        Assert.False((await FormAsync("false")).TryGetProperty("embeddings", out _));

        var embeddings = answer.GetProperty("embeddings");
        Assert.Equal(embeddings.GetRawText(), form.GetProperty("embeddings").GetRawText());
        Assert.Equal(
            [("cup", 2), ("chair", 1)],
            embeddings
                .GetProperty("support")
                .EnumerateArray()
                .Select(one => (one.GetProperty("label").GetString()!, one.GetProperty("images").GetArrayLength()))
        );
        var query = Vector(embeddings.GetProperty("queries")[0]);
        foreach (var one in embeddings.GetProperty("support").EnumerateArray())
        {
            double[][] images = [.. one.GetProperty("images").EnumerateArray().Select(Vector)];
            var distance = query.Select((value, i) => Math.Pow(value - images.Average(image => image[i]), 2)).Sum();
            var said = answer
                .GetProperty("predictions")[0]
                .GetProperty("scores")
                .EnumerateArray()
                .Single(score => score.GetProperty("label").GetString() == one.GetProperty("label").GetString());
            Assert.Equal(said.GetProperty("distance").GetDouble(), distance, 0.01);
        }
    }

    [Fact]
    public async Task Anything_but_true_or_false_is_refused()
    {
        using var response = await service.Client.PostAsync(
            "/classify",
            new StringContent("""{"embeddings": "yes"}""", System.Text.Encoding.UTF8, "application/json"),
            TestContext.Current.CancellationToken
        );
        await response.IsProblemAsync(422, "wrong-type", "embeddings");
        using var form = new MultipartFormDataContent { { new StringContent("yes"), "embeddings" } };
        using var answer = await service.Client.PostAsync("/classify", form, TestContext.Current.CancellationToken);
        await answer.IsProblemAsync(422, "wrong-type", "embeddings");
    }

    private static object Episode(bool embeddings) =>
        new
        {
            support = new[]
            {
                EpisodeRequests.Class("cup", Photographs.Base64("cup", 0), Photographs.Base64("cup", 1)),
                EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
            },
            queries = new[] { Photographs.Base64("cup", 2) },
            embeddings,
        };

    private async Task<JsonElement> FormAsync(string embeddings)
    {
        using var form = EpisodeRequests.Form([
            ("support[cup]", Bytes("cup", 0)),
            ("support[cup]", Bytes("cup", 1)),
            ("support[chair]", Bytes("chair", 0)),
            ("query", Bytes("cup", 2)),
        ]);
        form.Add(new StringContent(embeddings), "embeddings");
        using var response = await service.Client.PostAsync("/classify", form, TestContext.Current.CancellationToken);
        return await response.AnswerAsync();
    }

    private static byte[] Bytes(string label, int place) => Convert.FromBase64String(Photographs.Base64(label, place));

    private static double[] Vector(JsonElement values) => [.. values.EnumerateArray().Select(value => value.GetDouble())];
}
