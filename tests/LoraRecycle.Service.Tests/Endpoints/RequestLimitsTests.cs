using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace LoraRecycle.Service.Tests.Endpoints;

/// <summary>Requests that ask for more than there is: refused, without the memory that they ask for, and the server goes on.</summary>
public sealed class RequestLimitsTests(RunningService service) : IAsyncDisposable
{
    private const long MiB = 1 << 20;

    private readonly long _peakBefore = Peak();

    private static long Peak()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>After each test: memory was bounded, and the next request is answered.</summary>
    public async ValueTask DisposeAsync()
    {
        Assert.True(Peak() - _peakBefore < 512 * MiB, $"The peak of memory grew by {(Peak() - _peakBefore) / MiB} MiB.");
        Assert.Equal(2, (await service.Client.ClassifyAsync(EpisodeRequests.CupsAndChairs())).Labels().Length);
    }

    [Fact]
    public async Task A_picture_of_40000_by_40000_pixels_is_refused_by_its_header()
    {
        var png = HugePng.Encode(40_000, 40_000);
        Assert.True(png.Length < MiB);
        using var json = await service.Client.PostAsJsonAsync(
            "/classify",
            EpisodeRequests.WithImage(png),
            TestContext.Current.CancellationToken
        );
        using var form = EpisodeRequests.Form([("support[cup]", Photographs.Of("cup", 0)), ("support[chair]", png), ("query", png)]);
        using var multipart = await service.Client.PostAsync("/classify", form, TestContext.Current.CancellationToken);

        var problem = await json.IsProblemAsync(413, "image-too-large", "support[1].images[0]");
        Assert.Contains("40000 x 40000", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await multipart.IsProblemAsync(413, "image-too-large", "support[chair][0]");
    }

    [Fact]
    public async Task Three_gigabytes_sent_in_chunks_are_cut_at_the_limit()
    {
        using var client = new RawClient(service.Address);
        await client.SendAsync(
            "POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        var image = $"\"{new string('A', 65536)}\",";
        var (sent, response) = await client.SendChunksAsync("""{"support":[{"label":"cup","images":[""", image, 3L << 30);

        Assert.StartsWith("HTTP/1.1 413", response, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"body-too-large\"", response, StringComparison.Ordinal);
        Assert.True(sent < 512 * MiB, $"{sent} bytes were taken.");
    }

    [Fact]
    public async Task A_body_that_announces_three_gigabytes_is_refused_before_it_comes()
    {
        using var client = new RawClient(service.Address);
        await client.SendAsync(
            $"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {3L << 30}\r\n\r\n{{"
        );
        var response = await client.ReadAsync();

        Assert.StartsWith("HTTP/1.1 413", response, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"body-too-large\"", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_body_that_is_small_until_it_is_inflated_is_cut_at_the_limit(string encoding)
    {
        using var bomb = new ByteArrayContent(Bomb(encoding));
        bomb.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        bomb.Headers.ContentEncoding.Add(encoding);
        using var response = await service.Client.PostAsync("/classify", bomb, TestContext.Current.CancellationToken);

        await response.IsProblemAsync(413, "body-too-large");
    }

    [Theory]
    [InlineData("/classify", "gzip")]
    [InlineData("/classify", "br")]
    [InlineData("/tasks", "br")]
    [InlineData("/tasks", "deflate")]
    [InlineData("/loras", "gzip")]
    [InlineData("/loras", "br")]
    [InlineData("/loras", "deflate")]
    public async Task A_form_that_is_small_until_it_is_inflated_is_cut_at_the_limit(string path, string encoding)
    {
        using var bomb = new ByteArrayContent(Bomb(encoding));
        bomb.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        bomb.Headers.ContentEncoding.Add(encoding);
        using var response = await service.Client.PostAsync(path, bomb, TestContext.Current.CancellationToken);

        Assert.Contains((int)response.StatusCode, new[] { 400, 413 });
    }

    [Theory]
    [InlineData("POST", "/tasks")]
    [InlineData("POST", "/recycle")]
    [InlineData("PUT", "/meta-loras/active")]
    public async Task So_is_json_for_every_other_route(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = new ByteArrayContent(Bomb("br"));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.ContentEncoding.Add("br");
        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await response.IsProblemAsync(413, "body-too-large");
    }

    [Fact]
    public async Task An_image_file_beyond_the_limit_is_refused_in_both_forms()
    {
        var file = new byte[(16 * MiB) + 1];
        Photographs.Of("chair", 0).CopyTo(file, 0);
        using var json = await service.Client.PostAsJsonAsync(
            "/classify",
            EpisodeRequests.WithImage(file),
            TestContext.Current.CancellationToken
        );
        using var form = EpisodeRequests.Form([
            ("support[cup]", Photographs.Of("cup", 0)),
            ("support[chair]", file),
            ("query", Photographs.Of("cup", 0)),
        ]);
        using var multipart = await service.Client.PostAsync("/classify", form, TestContext.Current.CancellationToken);

        await json.IsProblemAsync(413, "image-file-too-large", "support[1].images[0]");
        await multipart.IsProblemAsync(413, "image-file-too-large", "support[chair][0]");
    }

    [Fact]
    public async Task An_image_whose_text_never_ends_is_refused_before_the_body_ends()
    {
        var body = new StringBuilder("{\"queries\":[\"").Append('A', 40 << 20).Append("\"]}");
        using var response = await service.Client.PostAsync(
            "/classify",
            new StringContent(body.ToString(), Encoding.UTF8, "application/json"),
            TestContext.Current.CancellationToken
        );

        await response.IsProblemAsync(413, "image-file-too-large", "queries[0]");
    }

    [Fact]
    public async Task More_images_than_the_limit_are_refused_at_the_first_one_too_many()
    {
        var queries = Enumerable.Repeat("AAAA", 1_000_000);
        using var response = await service.Client.PostAsJsonAsync("/classify", new { queries }, TestContext.Current.CancellationToken);

        await response.IsProblemAsync(413, "too-many-images", "queries[2000]");
    }

    [Fact]
    public async Task A_thousand_ways_are_answered_and_one_more_is_refused()
    {
        var cup = Photographs.Base64("cup", 0);
        object Episode(int ways) => new
        {
            support = Enumerable.Range(0, ways).Select(i => EpisodeRequests.Class($"class {i}", cup)).ToArray(),
            queries = new[] { cup },
        };
        await using var app = await RunningService.StartAsync("--Limits:Ways", "30");
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var refused = await client.PostAsJsonAsync("/classify", Episode(31), TestContext.Current.CancellationToken);
        var answer = await service.Client.ClassifyAsync(Episode(1000));

        await refused.IsProblemAsync(413, "too-many-classes", "support[30].images");
        Assert.Equal(1000, answer.GetProperty("predictions")[0].GetProperty("scores").GetArrayLength());
    }

    /// <summary>Some kilobytes that inflate to hundreds of megabytes and more: the start of an object, then blanks.</summary>
    private static byte[] Bomb(string encoding)
    {
        using var compressed = new MemoryStream();
        if (encoding == "gzip")
        {
            // A gzip file may have many members, so three gigabytes are 3,072 times the same kilobyte.
            Compress(new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true), 1);
            var member = compressed.ToArray();
            for (var i = 1; i < 3072; i++)
                compressed.Write(member);
        }
        else if (encoding == "br")
            Compress(new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true), 256);
        else
            Compress(new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true), 256);
        return compressed.ToArray();
    }

    private static void Compress(Stream stream, int megabytes)
    {
        using (stream)
        {
            var blanks = new byte[MiB];
            blanks.AsSpan().Fill((byte)' ');
            for (var i = 0; i < megabytes; i++)
                stream.Write(blanks);
        }
    }
}
