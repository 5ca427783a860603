using System.Text;

namespace LoraRecycle.Service.Tests.Endpoints;

public sealed class MultipartErrorsTests(RunningService service)
{
    private static readonly byte[] Image = Photographs.Of("cup", 0);

    public static TheoryData<string[], string?, int, string, string?> Forms_and_problems => new()
    {
        { ["support[]", "support[cup]", "query"], null, 422, "empty-label", "support[]" },
        { ["support[cup]", "query"], null, 422, "too-few-classes", "support" },
        { ["support[cup]", "support[chair]"], null, 422, "no-query", "query" },
        { ["support[cup]", "support[chair]", "query"], "birds", 422, "unknown-meta-lora", "metaLora" },
        { ["support[cup]", "support[chair]", "queries"], null, 422, "unknown-field", "queries" },
        { ["support", "query"], null, 422, "unknown-field", "support" },
    };

    [Theory]
    [MemberData(nameof(Forms_and_problems))]
    public async Task What_is_no_episode_is_refused_with_its_own_code_and_field(
        string[] names,
        string? metaLora,
        int status,
        string code,
        string? field
    )
    {
        using var form = EpisodeRequests.Form(names.Select(name => (name, Image)), metaLora);
        using var response = await service.Client.PostAsync("/classify", form, TestContext.Current.CancellationToken);

        await response.IsProblemAsync(status, code, field);
    }

    [Fact]
    public async Task An_empty_file_is_told_by_its_place()
    {
        using var form = EpisodeRequests.Form([("support[cup]", Image), ("support[cup]", []), ("query", Image)]);
        using var response = await service.Client.PostAsync("/classify", form, TestContext.Current.CancellationToken);

        await response.IsProblemAsync(422, "empty-image", "support[cup][1]");
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=b", "")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nbreaks off")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Type: image/jpeg\r\n\r\nno name\r\n--b--\r\n")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nno header at all\r\n\r\nx\r\n--b--\r\n")]
    [InlineData("multipart/form-data", "--b--\r\n")]
    [InlineData("multipart/form-data; boundary=\"123456789012345678901234567890123456789012345678901234567890123456789012\"", "--b--\r\n")]
    public async Task A_form_that_is_framed_wrongly_is_refused(string contentType, string body)
    {
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var response = await service.Client.PostAsync("/classify", content, TestContext.Current.CancellationToken);

        await response.IsProblemAsync(400, "malformed-multipart");
    }

    [Fact]
    public async Task Headers_of_a_part_without_end_are_refused()
    {
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes("--b\r\nX: " + new string('x', 100_000)));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        using var response = await service.Client.PostAsync("/classify", content, TestContext.Current.CancellationToken);

        await response.IsProblemAsync(400, "malformed-multipart");
    }
}
