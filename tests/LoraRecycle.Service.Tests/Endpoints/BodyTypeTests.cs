using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using LoraRecycle.Service.Tests.Keys;

namespace LoraRecycle.Service.Tests.Endpoints;

/// <summary>How clients say what a body is.</summary>
public sealed class BodyTypeTests(RunningService service)
{
    private static readonly byte[] Episode = JsonSerializer.SerializeToUtf8Bytes(EpisodeRequests.CupsAndChairs());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/json;charset=UTF8")]
    [InlineData("application/json; charset=utf_8")]
    [InlineData("application/json; charset='utf-8'")]
    [InlineData("application/json; charset=us-ascii")]
    [InlineData("application/json; charset=\"ASCII\"")]
    [InlineData("Application/JSON; charset=\"\"")]
    public async Task Utf8_by_any_of_its_names_is_accepted(string contentType)
    {
        using var response = await PostAsync("/classify", Episode, contentType);
        Assert.Equal(2, (await response.AnswerAsync()).Labels().Length);

        await using var keyed = await KeyedService.StartAsync();
        using var activation = Content("{\"id\":\"none\"}"u8.ToArray(), contentType);
        using var activated = await keyed.SendAsync(HttpMethod.Put, "/meta-loras/active", content: activation);
        Assert.Equal(HttpStatusCode.OK, activated.StatusCode);
    }

    [Theory]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/json; charset=no-such")]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("application/x-www-form-urlencoded; boundary=a=b")]
    [InlineData("nonsense")]
    public async Task Another_type_is_refused(string contentType)
    {
        using var response = await PostAsync("/classify", Episode, contentType);

        await response.IsProblemAsync(415, "unsupported-content-type", "Content-Type");
    }

    [Fact]
    public async Task A_byte_order_mark_before_json_is_passed_over()
    {
        byte[] marked = [.. Encoding.UTF8.Preamble, .. Episode];
        using var response = await PostAsync("/classify", marked, "application/json");
        Assert.Equal(2, (await response.AnswerAsync()).Labels().Length);

        await using var keyed = await KeyedService.StartAsync();
        using var activation = Content([.. Encoding.UTF8.Preamble, .. "{\"id\":\"none\"}"u8], "application/json");
        using var activated = await keyed.SendAsync(HttpMethod.Put, "/meta-loras/active", content: activation);
        Assert.Equal(HttpStatusCode.OK, activated.StatusCode);
        foreach (var broken in new byte[][] { [0xEF, 0xBB], [0xEF, 0xBB, 0xBF], [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.Preamble] })
        {
            using var refused = await PostAsync("/classify", broken, "application/json");
            await refused.IsProblemAsync(400, "malformed-json");
        }
    }

    [Fact]
    public async Task A_byte_order_mark_that_arrives_byte_by_byte_is_passed_over()
    {
        using var client = new RawClient(service.Address);
        await client.SendAsync("POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {Episode.Length + 3}\r\nConnection: close\r\n\r\n");
        foreach (var one in Encoding.UTF8.Preamble.ToArray())
        {
            await client.SendAsync([one]);
            await Task.Delay(30, Cancellation);
        }
        await client.SendAsync(Episode);

        Assert.StartsWith("HTTP/1.1 200", await client.ReadAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x-gzip")]
    [InlineData("X-GZIP")]
    [InlineData("gzip")]
    [InlineData("Identity")]
    [InlineData("identity, identity")]
    public async Task Encodings_have_their_older_names_too(string encoding)
    {
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Episode, Cancellation);
        using var content = Content(
            encoding.Contains("gzip", StringComparison.OrdinalIgnoreCase) ? zipped.ToArray() : Episode, "application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var response = await service.Client.PostAsync("/classify", content, Cancellation);

        Assert.Equal(2, (await response.AnswerAsync()).Labels().Length);
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=------=_Part_7:1.2")]
    [InlineData("multipart/form-data;boundary=------=_Part_7:1.2; charset=utf-8")]
    [InlineData("multipart/form-data; charset=utf-8; Boundary = ------=_Part_7:1.2 ; x=y")]
    [InlineData("multipart/form-data; boundary=\"------=_Part_7:1.2\"")]
    public async Task A_boundary_needs_no_quotes(string contentType)
    {
        using var form = RawForm.Of(
            [("name=\"support[cup]\"", Photographs.Of("cup", 0)), ("name=\"support[chair]\"", Photographs.Of("chair", 0)),
            ("name=query", Photographs.Of("cup", 1))],
            contentType: contentType);
        using var response = await service.Client.PostAsync("/classify", form, Cancellation);

        Assert.Equal(["cup"], (await response.AnswerAsync()).Labels());
    }

    private Task<HttpResponseMessage> PostAsync(string path, byte[] body, string contentType) =>
        service.Client.PostAsync(path, Content(body, contentType), Cancellation);

    private static ByteArrayContent Content(byte[] body, string contentType)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return content;
    }
}
