using System.Net.Http.Headers;
using System.Text;

namespace LoraRecycle.Service.Tests.Endpoints;

/// <summary>Small JSON bodies, as the activation of a meta-LoRA has one.</summary>
public sealed class JsonBodyReaderTests(RunningService service)
{
    private async Task<HttpResponseMessage> PutAsync(byte[] body, string? encoding = null, string type = "application/json")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        return await service.Client.PutAsync(
            new Uri("/meta-loras/active", UriKind.Relative),
            content,
            TestContext.Current.CancellationToken
        );
    }

    [Theory]
    [InlineData("""{ "id": "\ud800" }""")]
    [InlineData("""{ "\udc00": "none" }""")]
    [InlineData("""{ "id": "none", "id": "none" }""")]
    [InlineData("""{ "id": "none" """)]
    [InlineData("")]
    public async Task What_is_no_text_or_no_json_is_malformed(string body)
    {
        using var response = await PutAsync(Encoding.UTF8.GetBytes(body));
        await response.IsProblemAsync(400, "malformed-json");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task What_is_not_compressed_as_it_says_is_malformed(string encoding)
    {
        using var response = await PutAsync("""{ "id": "none" }"""u8.ToArray(), encoding);
        await response.IsProblemAsync(400, "malformed-compression");
    }

    [Fact]
    public async Task Other_types_and_encodings_are_refused()
    {
        using var encoded = await PutAsync("""{ "id": "none" }"""u8.ToArray(), "zstd");
        await encoded.IsProblemAsync(415, "unsupported-content-encoding", "Content-Encoding");
        using var wide = await PutAsync(Encoding.Unicode.GetBytes("""{ "id": "none" }"""), type: "application/json; charset=utf-16");
        await wide.IsProblemAsync(415, "unsupported-content-type", "Content-Type");
    }
}
