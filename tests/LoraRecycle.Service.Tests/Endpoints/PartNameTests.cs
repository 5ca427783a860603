using System.Text;
using System.Text.Json;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Tests.State;
using LoraRecycle.Service.Tests.StoredTasks;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.Endpoints;

/// <summary>What browsers, curl, aiohttp, PHP and axios call the parts of a form.</summary>
public sealed class PartNameTests(RunningService service, PostgresServer postgres)
{
    private static readonly byte[] Cup = Photographs.Of("cup", 0), Chair = Photographs.Of("chair", 0);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""name="support[a\b]"; filename="x.jpg" """, @"a\b")]
    [InlineData("""name="support[a\\b]"; filename="x.jpg" """, @"a\b")]
    [InlineData("""name="support[\"a\"]" """, "\"a\"")]
    [InlineData("""name="support[%22a%22]" """, "\"a\"")]
    [InlineData("""name="support[C:\dir\é]" """, @"C:\dir\é")]
    [InlineData("""name="support[a\\\"b\c]" """, "a\\\"b\\c")]
    [InlineData("""name="support[a]"; filename="C:\pictures\" """, "a")]
    [InlineData("""name="support[a]"; filename="C:\fakepath\é.jpg" """, "a")]
    [InlineData("name*=UTF-8''support%5Bcaf%C3%A9%5D", "café")]
    [InlineData("name*=utf-8'fr'support%5B50%2522%5D; filename=x.jpg", "50%22")]
    [InlineData("""name="support[?]"; name*=UTF-8''support%5B%E6%9D%AF%5D""", "杯")]
    [InlineData("name*=\"UTF-8''support%5Ba%5Cb%5D\"", @"a\b")]
    [InlineData("""name="support[a][0]" """, "a")]
    [InlineData("""name="support[a][]" """, "a")]
    [InlineData("""name="support[a [b]][12]" """, "a [b]")]
    [InlineData("""name="support[0]" """, "0")]
    [InlineData("""name="support[a [0]]" """, "a [0]")]
    [InlineData("""name="support[0][0]" """, "0")]
    public async Task A_class_is_called_what_the_client_means(string disposition, string label)
    {
        using var form = RawForm.Of([(disposition, Cup), ("name=\"support[chair]\"", Chair), ("name=query", Cup)]);
        using var response = await service.Client.PostAsync("/classify", form, Cancellation);

        Assert.Equal(label, Assert.Single((await response.AnswerAsync()).Labels()));
    }

    [Fact]
    public async Task Names_that_differ_by_a_backslash_are_different_classes()
    {
        using var form = RawForm.Of([("""name="support[a\b]" """, Cup), ("""name="support[ab]" """, Chair), ("name=query", Cup)]);
        using var response = await service.Client.PostAsync("/classify", form, Cancellation);

        Assert.Equal([@"a\b"], (await response.AnswerAsync()).Labels());
    }

    [Fact]
    public async Task Names_with_and_without_an_index_are_one_class_in_the_order_of_the_parts()
    {
        using var form = RawForm.Of([
            ("""name="support[cup][]" """, Cup), ("""name="support[cup][0]" """, Photographs.Of("cup", 1)),
            ("""name="support[cup]" """, Photographs.Of("cup", 2)), ("""name="support[chair][1]" """, Chair),
            ("""name="query[0]" """, Cup), ("""name="query[]" """, Chair), ("name=embeddings", "true"u8.ToArray()),
        ]);
        using var response = await service.Client.PostAsync("/classify", form, Cancellation);
        var answer = await response.AnswerAsync();

        Assert.Equal(["cup", "chair"], answer.Labels());
        var classes = answer.GetProperty("embeddings").GetProperty("support").EnumerateArray().ToArray();
        Assert.Equal([3, 1], classes.Select(one => one.GetProperty("images").GetArrayLength()));
    }

    [Fact]
    public async Task What_is_wrong_with_an_indexed_image_is_told_by_its_place_in_the_class()
    {
        using var form = RawForm.Of([("""name="support[cup][0]" """, Cup), ("""name="support[cup][7]" """, []), ("name=query", Cup)]);
        using var response = await service.Client.PostAsync("/classify", form, Cancellation);

        await response.IsProblemAsync(422, "empty-image", "support[cup][1]");
    }

    [Fact]
    public async Task Names_that_are_not_utf8_are_refused_since_different_ones_would_become_the_same()
    {
        (string, byte[])[] parts = [("""name="support[é]" """, Cup), ("""name="support[è]" """, Chair), ("name=query", Cup)];
        using var form = RawForm.Of(parts, Encoding.Latin1);
        using var response = await service.Client.PostAsync("/classify", form, Cancellation);

        await response.IsProblemAsync(400, "malformed-multipart");
    }

    [Fact]
    public async Task A_task_is_stored_and_changed_by_the_same_names()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var tasks = await TaskService.StartAsync(database);
        using var form = RawForm.Of([
            ("""name="support[a\b]" """, Cup), ("""name="support[ab][0]" """, Chair), ("name*=UTF-8''support%5Bcaf%C3%A9%5D", Cup),
        ]);
        using var stored = await tasks.SendAsync(HttpMethod.Post, "/tasks", form);
        var task = await stored.AnswerAsync();
        Assert.Equal([@"a\b", "ab", "café"], LabelsOf(task));

        using var drop = RawForm.Of([("name=\"dropClasses[]\"", @"a\b"u8.ToArray()), ("""name="support[x\y][]" """, Chair)]);
        using var changed = await tasks.SendAsync(
            HttpMethod.Patch, $"/tasks/{task.GetProperty("task").GetProperty("id").GetString()}", drop);
        Assert.Equal(["ab", "café", @"x\y"], LabelsOf(await changed.AnswerAsync()));
    }

    [Theory]
    [InlineData("""form-data; name="file"; filename="a\b.zip" """, "file", @"a\b.zip")]
    [InlineData("""form-data; name="file[]"; filename="a.zip" """, "file", "a.zip")]
    [InlineData("""form-data; name="file"; filename="x"; filename*=UTF-8''a%5Cb%2522.zip""", "file", "a\\b%22.zip")]
    [InlineData("""form-data; name=file; filename="C:\" """, "file", @"C:\")]
    public void A_file_is_called_what_the_client_means(string disposition, string name, string fileName)
    {
        var part = FormPart.TryParse(disposition);

        Assert.Equal((name, fileName), (part?.Unindexed, part?.FileName));
    }

    private static string[] LabelsOf(JsonElement task) =>
        [.. task.GetProperty("classes").EnumerateArray().Select(one => one.GetProperty("label").GetString()!)];
}
