using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.MetaLoras;

/// <summary>Changing the active meta-LoRA while the server works.</summary>
public sealed class SwapTests : IDisposable
{
    private readonly MetaLoraFolder _folder = new MetaLoraFolder().Add("one", seed: 1).Add("two", seed: 2);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cpu")]
    [InlineData("cpu,cpu")]
    public async Task Under_load_no_answer_fails_and_each_is_the_pure_answer_of_the_one_it_names(string devices)
    {
        await using var service = await AdapterService.StartAsync(_folder, "one", "--Cache:Bytes", "0", "--Serving:Device", devices);
        var pure = new Dictionary<string, string>
        {
            ["none"] = (await service.ClassifyAsync("none")).Predictions(),
            ["one"] = (await service.ClassifyAsync("one")).Predictions(),
            ["two"] = (await service.ClassifyAsync("two")).Predictions(),
        };
        using var swapped = new CancellationTokenSource();
        // Seven follow the active one, and one keeps asking for the bare model beside them.
        var clients = Enumerable.Range(0, 8).Select(async client =>
        {
            var seen = new HashSet<string>();
            while (!swapped.IsCancellationRequested)
            {
                var answer = await service.ClassifyAsync(client == 0 ? "none" : "default");
                Assert.Equal(pure[answer.MetaLora()], answer.Predictions());
                seen.Add(answer.MetaLora());
            }
            return seen;
        }).ToArray();
        for (var swap = 0; swap < 10; swap++)
        {
            using var response = await service.ActivateAsync(swap % 2 == 0 ? "two" : "one");
            Assert.True(response.IsSuccessStatusCode);
            // Some requests between two swaps, so that each of them is really followed.
            Assert.Equal(swap % 2 == 0 ? "two" : "one", (await service.ClassifyAsync(null)).MetaLora());
        }
        await swapped.CancelAsync();
        var answered = await Task.WhenAll(clients);

        Assert.Equal(["none"], answered[0]);
        Assert.Equal(["one", "two"], answered[1..].SelectMany(seen => seen).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_answers_what_is_active_now_and_a_restart_begins_with_the_setting_again()
    {
        await using (var service = await AdapterService.StartAsync(_folder, "one"))
        {
            using var response = await service.ActivateAsync("two");
            var answer = await response.AnswerAsync();
            Assert.Equal("two", answer.GetProperty("id").GetString());
            Assert.Equal(
                (await service.GetAsync("/meta-loras/two")).GetProperty("revision").GetString(),
                answer.GetProperty("revision").GetString()
            );
            Assert.Equal("two", (await service.GetAsync("/meta-loras/active")).GetProperty("id").GetString());
            Assert.Equal("two", (await service.ClassifyAsync(null)).MetaLora());
        }
        await using var restarted = await AdapterService.StartAsync(_folder, "one");
        Assert.Equal("one", (await restarted.GetAsync("/meta-loras/active")).GetProperty("id").GetString());
        Assert.Equal("one", (await restarted.ClassifyAsync(null)).MetaLora());
    }

    [Fact]
    public async Task None_makes_the_bare_model_the_active_one()
    {
        await using var service = await AdapterService.StartAsync(_folder, "one");
        using var response = await service.ActivateAsync("none");

        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await response.AnswerAsync()).GetProperty("revision").ValueKind);
        Assert.Equal("none", (await service.ClassifyAsync("default")).MetaLora());
    }

    [Theory]
    [InlineData("""{"id":"three"}""", 422, "unknown-meta-lora", "id")]
    [InlineData("""{"id":"default"}""", 422, "unknown-meta-lora", "id")]
    [InlineData("""{"id":"broken"}""", 422, "unusable-meta-lora", "id")]
    [InlineData("""{"id":"../one"}""", 422, "unknown-meta-lora", "id")]
    [InlineData("""{"id":null}""", 422, "wrong-type", "id")]
    [InlineData("""{}""", 422, "wrong-type", "id")]
    [InlineData("""["one"]""", 422, "wrong-type", null)]
    [InlineData("""{"id":"two","Id":"two"}""", 422, "unknown-field", "Id")]
    [InlineData("""{"id":"two","id":"two"}""", 400, "malformed-json", null)]
    [InlineData("""{"id":""", 400, "malformed-json", null)]
    [InlineData("", 400, "malformed-json", null)]
    public async Task What_cannot_become_active_is_refused_and_the_active_one_stays(string body, int status, string code, string? field)
    {
        _folder.AddDamaged("broken");
        await using var service = await AdapterService.StartAsync(_folder, "one");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await service.Client.PutAsync("/meta-loras/active", content, TestContext.Current.CancellationToken);
        await response.IsProblemAsync(status, code, field);

        Assert.Equal("one", (await service.ClassifyAsync(null)).MetaLora());
    }

    [Fact]
    public async Task A_body_that_is_no_json_or_far_too_long_is_refused()
    {
        await using var service = await AdapterService.StartAsync(_folder, "one");
        using var text = await service.Client.PutAsync(
            "/meta-loras/active",
            new StringContent("two"),
            TestContext.Current.CancellationToken
        );
        await text.IsProblemAsync(415, "unsupported-content-type", "Content-Type");
        using var padded = await service.ActivateAsync(new string('a', 5000));
        await padded.IsProblemAsync(413, "body-too-large");
    }
}
