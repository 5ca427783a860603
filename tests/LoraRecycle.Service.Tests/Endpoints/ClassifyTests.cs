using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace LoraRecycle.Service.Tests.Endpoints;

public sealed class ClassifyTests(RunningService service)
{
    private HttpClient Client => service.Client;

    [Fact]
    public async Task Photographs_are_given_to_their_classes_in_the_order_of_the_queries()
    {
        string[] labels = ["Motorbikes", "airplanes", "dalmatian", "hawksbill", "cup"];
        var answer = await Client.ClassifyAsync(
            new
            {
                support = labels.Select(label =>
                    EpisodeRequests.Class(label, [.. Enumerable.Range(0, 5).Select(i => Photographs.Base64(label, i))])
                ),
                queries = labels.SelectMany(label => Enumerable.Range(5, 5).Select(i => Photographs.Base64(label, i))),
            }
        );

        var predictions = answer.GetProperty("predictions").EnumerateArray().ToArray();
        Assert.Equal(Enumerable.Range(0, 25), predictions.Select(p => p.GetProperty("query").GetInt32()));
        var right = answer.Labels().Zip(labels.SelectMany(label => Enumerable.Repeat(label, 5))).Count(pair => pair.First == pair.Second);
        Assert.True(right >= 20, $"{right} of 25 photographs were recognised.");
        Assert.Equal("vit-s-12-96", answer.GetProperty("model").GetProperty("vfm").GetString());
        Assert.Equal("none", answer.GetProperty("model").GetProperty("metaLora").GetString());
    }

    [Fact]
    public async Task Scores_are_sorted_sum_to_one_and_begin_with_the_prediction()
    {
        var answer = await Client.ClassifyAsync(EpisodeRequests.CupsAndChairs());

        var temperatures = new List<double>();
        foreach (var prediction in answer.GetProperty("predictions").EnumerateArray())
        {
            var scores = prediction
                .GetProperty("scores")
                .EnumerateArray()
                .Select(s =>
                    (
                        Label: s.GetProperty("label").GetString(),
                        Probability: s.GetProperty("probability").GetDouble(),
                        Distance: s.GetProperty("distance").GetDouble()
                    )
                )
                .ToArray();
            Assert.Equal(2, scores.Length);
            Assert.Equal(scores.OrderByDescending(s => s.Probability), scores);
            Assert.Equal(1, scores.Sum(s => s.Probability), 1e-12);
            Assert.Equal(scores[0].Label, prediction.GetProperty("label").GetString());
            Assert.Equal(scores[0].Probability, prediction.GetProperty("probability").GetDouble());
            // The logarithm of the odds of two classes is the difference of their distances, over the temperature.
            temperatures.Add(
                (Math.Sqrt(scores[1].Distance) - Math.Sqrt(scores[0].Distance)) / Math.Log(scores[0].Probability / scores[1].Probability)
            );
        }
        Assert.Equal("fitted", answer.GetProperty("calibration").GetString());
        Assert.Equal(2, temperatures.Count);
        Assert.True(temperatures[0] > 0);
        Assert.Equal(temperatures[0], temperatures[1], 1e-9 * temperatures[0]);
    }

    [Fact]
    public async Task A_form_gets_the_answer_of_the_same_episode_in_json()
    {
        var json = await Client.ClassifyAsync(EpisodeRequests.CupsAndChairs());
        using var form = EpisodeRequests.Form(
        [
            ("query", Photographs.Of("cup", 2)), ("support[cup]", Photographs.Of("cup", 0)), ("support[chair]", Photographs.Of("chair", 0)),
            ("support[cup]", Photographs.Of("cup", 1)), ("query", Photographs.Of("chair", 3)),
        ], metaLora: "none");
        using var response = await Client.PostAsync("/classify", form, TestContext.Current.CancellationToken);

        Assert.Equal(json.Predictions(), (await response.AnswerAsync()).Predictions());
    }

    [Fact]
    public async Task Data_uris_line_breaks_and_escapes_in_base64_are_accepted()
    {
        var plain = await Client.ClassifyAsync(EpisodeRequests.WithImage(Photographs.Of("chair", 0)));
        var uri = await Client.ClassifyAsync(
            EpisodeRequests.WithImage($"data:image/jpeg;name=chair.jpg;base64,{Photographs.Base64("chair", 0)}")
        );
        var lines = await Client.ClassifyAsync(
            EpisodeRequests.WithImage(Convert.ToBase64String(Photographs.Of("chair", 0), Base64FormattingOptions.InsertLineBreaks))
        );
        var escaped = JsonSerializer
            .Serialize(EpisodeRequests.WithImage(Photographs.Of("chair", 0)))
            .Replace("/", "\\/", StringComparison.Ordinal);
        using var response = await Client.PostAsync("/classify", Json(escaped), TestContext.Current.CancellationToken);

        Assert.Equal(plain.Predictions(), uri.Predictions());
        Assert.Equal(plain.Predictions(), lines.Predictions());
        Assert.Equal(plain.Predictions(), (await response.AnswerAsync()).Predictions());
    }

    [Fact]
    public async Task A_label_given_twice_is_one_class_with_the_images_of_both()
    {
        var together = await Client.ClassifyAsync(EpisodeRequests.CupsAndChairs());
        var apart = await Client.ClassifyAsync(
            new
            {
                support = new[]
                {
                    EpisodeRequests.Class("cup", Photographs.Base64("cup", 0)),
                    EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
                    EpisodeRequests.Class("cup", Photographs.Base64("cup", 1)),
                },
                queries = new[] { Photographs.Base64("cup", 2), Photographs.Base64("chair", 3) },
            }
        );

        Assert.Equal(together.Predictions(), apart.Predictions());
    }

    [Fact]
    public async Task The_order_of_classes_and_members_does_not_change_the_answer()
    {
        var one = await Client.ClassifyAsync(EpisodeRequests.CupsAndChairs());
        var other = await Client.ClassifyAsync(new
        {
            metaLora = "default",
            queries = new[] { Photographs.Base64("cup", 2), Photographs.Base64("chair", 3) },
            support = new object[]
            {
                new { images = new[] { Photographs.Base64("chair", 0) }, label = "chair" },
                EpisodeRequests.Class("cup", Photographs.Base64("cup", 0), Photographs.Base64("cup", 1)),
            },
        });

        Assert.Equal(one.Predictions(), other.Predictions());
    }

    [Fact]
    public async Task Labels_of_any_script_come_back_as_they_were_sent()
    {
        const string odd = "tasse à café \"½\" 杯子 🍵";
        var json = await Client.ClassifyAsync(
            new
            {
                support = new[]
                {
                    EpisodeRequests.Class(odd, Photographs.Base64("cup", 0)),
                    EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
                },
                queries = new[] { Photographs.Base64("cup", 0) },
            }
        );
        using var response = await Client.PostAsync(
            "/classify",
            BrowserForm(
                ($"support[{odd.Replace("\"", "%22", StringComparison.Ordinal)}]", Photographs.Of("cup", 0)),
                ("support[chair]", Photographs.Of("chair", 0)),
                ("query", Photographs.Of("cup", 0))
            ),
            TestContext.Current.CancellationToken
        );

        Assert.Equal([odd], json.Labels());
        Assert.Equal([odd], (await response.AnswerAsync()).Labels());
    }

    /// <summary>A form as browsers write it: names in UTF-8, quotation marks in them as %22.</summary>
    private static ByteArrayContent BrowserForm(params (string Name, byte[] Content)[] parts)
    {
        using var body = new MemoryStream();
        foreach (var (name, content) in parts)
        {
            body.Write(Encoding.UTF8.GetBytes($"--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"x.jpg\"\r\n\r\n"));
            body.Write(content);
            body.Write("\r\n"u8);
        }
        body.Write("--b--\r\n"u8);
        var form = new ByteArrayContent(body.ToArray());
        form.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        return form;
    }

    [Fact]
    public async Task A_known_image_is_not_embedded_again_and_one_that_comes_twice_only_once()
    {
        await using var app = await RunningService.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var episode = new
        {
            support = new[]
            {
                EpisodeRequests.Class("cup", Photographs.Base64("cup", 0)),
                EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
            },
            queries = new[] { Photographs.Base64("cup", 5), Photographs.Base64("cup", 5), Photographs.Base64("cup", 0) },
        };

        var first = await client.ClassifyAsync(episode);
        var second = await client.ClassifyAsync(episode);

        Assert.Equal("""{"hits":2,"misses":3}""", first.GetProperty("cache").GetRawText());
        Assert.Equal("""{"hits":5,"misses":0}""", second.GetProperty("cache").GetRawText());
        Assert.Equal(first.Predictions(), second.Predictions());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_compressed_body_is_read(string encoding)
    {
        var plain = await Client.ClassifyAsync(EpisodeRequests.CupsAndChairs());
        using var content = new ByteArrayContent(EpisodeRequests.Compressed(encoding));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add(encoding);
        using var response = await Client.PostAsync("/classify", content, TestContext.Current.CancellationToken);

        Assert.Equal(plain.Predictions(), (await response.AnswerAsync()).Predictions());
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
