using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace LoraRecycle.Service.Tests.Endpoints;

/// <summary>Each thing a client can get wrong is told by its own code, and the field at fault.</summary>
public sealed class ClassifyErrorsTests(RunningService service)
{
    private static string Cup => Photographs.Base64("cup", 0);

    private static string Chair => Photographs.Base64("chair", 0);

    public static TheoryData<string, int, string, string?> Episodes_and_problems =>
        new()
        {
            {
                """{"support":[{"label":"","images":["CUP"]},{"label":"chair","images":["CHAIR"]}],"queries":["CUP"]}""",
                422,
                "empty-label",
                "support[0].label"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":" \t","images":["CHAIR"]}],"queries":["CUP"]}""",
                422,
                "empty-label",
                "support[1].label"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"images":["CHAIR"]}],"queries":["CUP"]}""",
                422,
                "empty-label",
                "support[1].label"
            },
            { """{"support":[{"label":"cup","images":["CUP"]}],"queries":["CUP"]}""", 422, "too-few-classes", "support" },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"cup","images":["CHAIR"]}],"queries":["CUP"]}""",
                422,
                "too-few-classes",
                "support"
            },
            { """{"queries":["CUP"]}""", 422, "too-few-classes", "support" },
            { """{}""", 422, "too-few-classes", "support" },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["CHAIR"]}],"queries":[]}""",
                422,
                "no-query",
                "queries"
            },
            { """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["CHAIR"]}]}""", 422, "no-query", "queries" },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":[]}],"queries":["CUP"]}""",
                422,
                "no-images",
                "support[1].images"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair"}],"queries":["CUP"]}""",
                422,
                "no-images",
                "support[1].images"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["not base64!"]}],"queries":["CUP"]}""",
                422,
                "invalid-base64",
                "support[1].images[0]"
            },
            {
                """{"support":[{"label":"cup","images":["CUP","AAA"]},{"label":"chair","images":["CHAIR"]}],"queries":["CUP"]}""",
                422,
                "invalid-base64",
                "support[0].images[1]"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["data:image/png,CHAIR"]}],"queries":["CUP"]}""",
                422,
                "invalid-base64",
                "support[1].images[0]"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["CHAIR"]}],"queries":["CUP","data:image/png;base64,%%%"]}""",
                422,
                "invalid-base64",
                "queries[1]"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["CHAIR"]}],"queries":["\ud800"]}""",
                422,
                "invalid-base64",
                "queries[0]"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["http://127.0.0.1:9/x.jpg"]}],"queries":["CUP"]}""",
                422,
                "remote-image",
                "support[1].images[0]"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["CHAIR"]}],"queries":["HTTPS:\/\/example.org/x.jpg"]}""",
                422,
                "remote-image",
                "queries[0]"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["CHAIR"]}],"queries":["file:///etc/passwd"]}""",
                422,
                "remote-image",
                "queries[0]"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":[""]}],"queries":["CUP"]}""",
                422,
                "empty-image",
                "support[1].images[0]"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["CHAIR"]}],"queries":["CUP"],"metaLora":"birds"}""",
                422,
                "unknown-meta-lora",
                "metaLora"
            },
            {
                """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["CHAIR"]}],"query":["CUP"]}""",
                422,
                "unknown-field",
                "query"
            },
            { """{"support":[{"label":"cup","image":["CUP"]}],"queries":["CUP"]}""", 422, "unknown-field", "support[0].image" },
            { """{"support":[{"label":"cup","images":"CUP"}],"queries":["CUP"]}""", 422, "wrong-type", "support[0].images" },
            { """{"support":[{"label":7,"images":["CUP"]}],"queries":["CUP"]}""", 422, "wrong-type", "support[0].label" },
            { """{"support":[{"label":"cup","images":["CUP",null]}],"queries":["CUP"]}""", 422, "wrong-type", "support[0].images[1]" },
            { """{"support":{},"queries":["CUP"]}""", 422, "wrong-type", "support" },
            { """{"metaLora":["default"]}""", 422, "wrong-type", "metaLora" },
            { """["CUP"]""", 422, "wrong-type", null },
            { """{"support":[{"label":"cup","images":["CUP"]},""", 400, "malformed-json", "support[1]" },
            { """{"support":[{"label":"cup" "images":["CUP"]}]}""", 400, "malformed-json", "support[0]" },
            { """{"support":[{"label":"\ud800","images":["CUP"]}]}""", 400, "malformed-json", "support[0].label" },
            { """{} {}""", 400, "malformed-json", null },
            { "", 400, "malformed-json", null },
            { "[[[[[[[[[[[[[[[[[[[[", 422, "wrong-type", null },
        };

    [Theory]
    [MemberData(nameof(Episodes_and_problems))]
    public async Task What_is_no_episode_is_refused_with_its_own_code_and_field(string body, int status, string code, string? field)
    {
        var json = body.Replace("CUP", Cup, StringComparison.Ordinal).Replace("CHAIR", Chair, StringComparison.Ordinal);
        using var response = await service.Client.PostAsync(
            "/classify",
            new StringContent(json, Encoding.UTF8, "application/json"),
            TestContext.Current.CancellationToken
        );

        await response.IsProblemAsync(status, code, field);
    }

    [Fact]
    public async Task A_text_file_named_jpg_is_no_image()
    {
        using var json = await service.Client.PostAsJsonAsync(
            "/classify",
            EpisodeRequests.WithImage("This is a letter, whatever its name.\n"u8.ToArray()),
            TestContext.Current.CancellationToken
        );
        using var form = EpisodeRequests.Form([
            ("support[cup]", Photographs.Of("cup", 0)),
            ("support[chair]", Photographs.Of("chair", 0)),
            ("query", Photographs.Of("cup", 1)),
            ("query", "A letter."u8.ToArray()),
        ]);
        using var multipart = await service.Client.PostAsync("/classify", form, TestContext.Current.CancellationToken);

        await json.IsProblemAsync(415, "unsupported-image-format", "support[1].images[0]");
        await multipart.IsProblemAsync(415, "unsupported-image-format", "query[1]");
    }

    [Fact]
    public async Task An_svg_a_pdf_and_a_tiff_are_no_accepted_images()
    {
        foreach (var image in new[] { "<svg xmlns='http://www.w3.org/2000/svg'/>", "%PDF-1.7\n", "II*\0\b\0\0\0\0\0\0\0\0\0" })
        {
            using var response = await service.Client.PostAsJsonAsync(
                "/classify",
                EpisodeRequests.WithImage(Encoding.Latin1.GetBytes(image)),
                TestContext.Current.CancellationToken
            );
            await response.IsProblemAsync(415, "unsupported-image-format", "support[1].images[0]");
        }
    }

    [Fact]
    public async Task A_photograph_that_breaks_off_is_damaged()
    {
        var photograph = Photographs.Of("chair", 0);
        using var response = await service.Client.PostAsJsonAsync(
            "/classify",
            EpisodeRequests.WithImage(photograph[..(photograph.Length / 2)]),
            TestContext.Current.CancellationToken
        );

        await response.IsProblemAsync(422, "damaged-image", "support[1].images[0]");
    }

    [Fact]
    public async Task Of_two_images_at_fault_the_first_is_named()
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            using var response = await service.Client.PostAsJsonAsync(
                "/classify",
                new
                {
                    support = new[]
                    {
                        EpisodeRequests.Class("cup", Cup),
                        EpisodeRequests.Class("chair", Convert.ToBase64String(Photographs.Of("chair", 0)[..4000])),
                    },
                    queries = new[] { Cup, Convert.ToBase64String("text"u8) },
                },
                TestContext.Current.CancellationToken
            );
            await response.IsProblemAsync(422, "damaged-image", "support[1].images[0]");
        }
    }

    [Fact]
    public async Task A_label_beyond_the_limit_is_refused()
    {
        using var response = await service.Client.PostAsJsonAsync(
            "/classify",
            new { support = new[] { EpisodeRequests.Class(new string('x', 201), Cup) } },
            TestContext.Current.CancellationToken
        );

        await response.IsProblemAsync(422, "label-too-long", "support[0].label");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task Another_content_type_is_refused(string? contentType)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(EpisodeRequests.CupsAndChairs()));
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var response = await service.Client.PostAsync("/classify", content, TestContext.Current.CancellationToken);

        await response.IsProblemAsync(415, "unsupported-content-type", "Content-Type");
    }

    [Fact]
    public async Task A_content_encoding_that_is_not_known_is_refused()
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(EpisodeRequests.CupsAndChairs()));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("compress");
        using var response = await service.Client.PostAsync("/classify", content, TestContext.Current.CancellationToken);

        await response.IsProblemAsync(415, "unsupported-content-encoding", "Content-Encoding");
        Assert.Equal("gzip, br, deflate", response.Headers.GetValues("Accept-Encoding").Single());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_body_that_is_not_compressed_as_it_says_is_refused(string encoding)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(EpisodeRequests.CupsAndChairs()));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add(encoding);
        using var response = await service.Client.PostAsync("/classify", content, TestContext.Current.CancellationToken);

        await response.IsProblemAsync(400, "malformed-compression");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_body_whose_compressed_data_ends_too_early_or_goes_on_after_its_end_is_told_so(string encoding)
    {
        var whole = EpisodeRequests.Compressed(encoding);
        byte[][] wrong = [whole[..(whole.Length / 2)], whole[..^1], [.. whole, .. "more"u8], [.. whole, .. new byte[20_000]]];
        using var asItIs = await PostCompressedAsync(whole, encoding);
        Assert.Equal(HttpStatusCode.OK, asItIs.StatusCode);

        foreach (var body in wrong)
        {
            using var response = await PostCompressedAsync(body, encoding);
            await response.IsProblemAsync(400, "malformed-compression");
        }
    }

    private Task<HttpResponseMessage> PostCompressedAsync(byte[] body, string encoding)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add(encoding);
        return service.Client.PostAsync("/classify", content, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_path_that_does_not_exist_and_a_wrong_method_are_problems_too()
    {
        using var missing = await service.Client.GetAsync("/no/such/path", TestContext.Current.CancellationToken);
        using var wrong = await service.Client.GetAsync("/classify", TestContext.Current.CancellationToken);

        foreach (var (response, status, code) in new[] { (missing, 404, "not-found"), (wrong, 405, "method-not-allowed") })
        {
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Contains(
                $"\"code\":\"{code}\"",
                await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
        }
    }
}
