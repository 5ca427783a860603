using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Host;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.OpenApi;

public sealed class OpenApiTests(RunningService service)
{
    private async Task<JsonElement> DocumentAsync() =>
        JsonDocument
            .Parse(await service.Client.GetStringAsync("/swagger/v1/swagger.json", TestContext.Current.CancellationToken))
            .RootElement;

    [Theory]
    [InlineData("inversion")]
    [InlineData("distillation")]
    public async Task Every_setting_of_the_method_is_named_where_a_job_is_described(string stage)
    {
        JsonTypeInfo settings = stage == "inversion" ? RecycleJson.Default.InversionSettings : RecycleJson.Default.DistillationSettings;
        var described = (await DocumentAsync())
            .GetProperty("components")
            .GetProperty("schemas")
            .GetProperty("RecycleRequest")
            .GetProperty("properties")
            .GetProperty(stage)
            .GetProperty("description")
            .GetString()!;

        Assert.Equal(
            settings.Properties.Select(property => property.Name).Order(StringComparer.Ordinal),
            described.Split("any of ")[1].TrimEnd('.').Split(',', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task The_example_of_the_document_runs_as_it_is_given()
    {
        var body = (await DocumentAsync())
            .GetProperty("paths")
            .GetProperty("/classify")
            .GetProperty("post")
            .GetProperty("requestBody")
            .GetProperty("content");
        var example = body.GetProperty("application/json").GetProperty("example").GetRawText();
        using var response = await service.Client.PostAsync(
            "/classify",
            new StringContent(example, Encoding.UTF8, "application/json"),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(["airplane"], (await response.AnswerAsync()).Labels());
        Assert.True(body.TryGetProperty("multipart/form-data", out _));
    }

    [Fact]
    public async Task The_example_of_activating_a_meta_lora_runs_as_it_is_given()
    {
        var body = (await DocumentAsync())
            .GetProperty("paths")
            .GetProperty("/meta-loras/active")
            .GetProperty("put")
            .GetProperty("requestBody")
            .GetProperty("content");
        var example = body.GetProperty("application/json").GetProperty("example").GetRawText();
        using var response = await service.Client.PutAsync(
            "/meta-loras/active",
            new StringContent(example, Encoding.UTF8, "application/json"),
            TestContext.Current.CancellationToken
        );

        Assert.Equal("none", (await response.AnswerAsync()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Every_endpoint_and_every_problem_of_classify_is_described()
    {
        var paths = (await DocumentAsync()).GetProperty("paths");
        Assert.Equal(
            [
                "/classify",
                "/data-sets",
                "/errors",
                "/healthz/live",
                "/healthz/ready",
                "/limits",
                "/loras",
                "/loras/{id}",
                "/loras/{id}/spectrum.svg",
                "/meta-loras",
                "/meta-loras/active",
                "/meta-loras/{id}",
                "/meta-loras/{id}/archive",
                "/models",
                "/recycle",
                "/recycle/{id}",
                "/recycle/{id}/events",
                "/recycle/{id}/images",
                "/recycle/{id}/images/{number}.png",
                "/recycle/{id}/masks/{number}.png",
                "/samples",
                "/samples/{label}/{name}",
                "/tasks",
                "/tasks/{id}",
                "/tasks/{id}/classify",
                "/tasks/{id}/images/{image}",
                "/tune",
                "/tune/methods",
                "/tune/{id}",
                "/tune/{id}/events",
            ],
            paths.EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal)
        );
        var responses = paths.GetProperty("/classify").GetProperty("post").GetProperty("responses");
        foreach (var kind in Problems.All.Where(kind => kind.Status is not (404 or 405)))
        {
            var response = responses.GetProperty($"{kind.Status}");
            Assert.Contains($"`{kind.Code}`", response.GetProperty("description").GetString(), StringComparison.Ordinal);
            Assert.True(response.GetProperty("content").TryGetProperty("application/problem+json", out _));
        }
    }

    [Fact]
    public async Task Every_problem_of_the_market_is_described_and_so_is_the_form_of_an_upload()
    {
        var paths = (await DocumentAsync()).GetProperty("paths");
        var described = string.Join(
            ' ',
            new[] { "/loras", "/loras/{id}", "/loras/{id}/spectrum.svg" }
                .SelectMany(path => paths.GetProperty(path).EnumerateObject())
                .SelectMany(verb => verb.Value.GetProperty("responses").EnumerateObject())
                .Select(response => response.Value.GetProperty("description").GetString())
        );
        var form = paths
            .GetProperty("/loras")
            .GetProperty("post")
            .GetProperty("requestBody")
            .GetProperty("content")
            .GetProperty("multipart/form-data")
            .GetProperty("schema")
            .GetProperty("properties");

        Assert.All(LoraProblems.All, kind => Assert.Contains($"`{kind.Code}`", described, StringComparison.Ordinal));
        Assert.Superset(
            new HashSet<string>
            {
                "adapter_model.safetensors",
                "adapter_config.json",
                "head.safetensors",
                "classes.json",
                "lora.zip",
                "name",
            },
            form.EnumerateObject().Select(one => one.Name).ToHashSet()
        );
    }

    [Fact]
    public async Task Every_problem_of_stored_tasks_is_described_and_so_are_both_forms_of_their_bodies()
    {
        var paths = (await DocumentAsync()).GetProperty("paths");
        string[] tasks = ["/tasks", "/tasks/{id}", "/tasks/{id}/classify"];
        var described = string.Join(
            ' ',
            tasks
                .SelectMany(path => paths.GetProperty(path).EnumerateObject())
                .SelectMany(verb => verb.Value.GetProperty("responses").EnumerateObject())
                .Select(response => response.Value.GetProperty("description").GetString())
        );
        Assert.All(
            TaskProblems.All.Concat(StateProblems.All),
            kind => Assert.Contains($"`{kind.Code}`", described, StringComparison.Ordinal)
        );

        foreach (
            var (path, verb, members) in new[]
            {
                ("/tasks", "post", "name,support"),
                ("/tasks/{id}", "patch", "dropClasses,dropImages,name,reject,support"),
                ("/tasks/{id}/classify", "post", "query"),
            }
        )
        {
            var content = paths.GetProperty(path).GetProperty(verb).GetProperty("requestBody").GetProperty("content");
            Assert.NotEqual(JsonValueKind.Undefined, content.GetProperty("application/json").GetProperty("example").ValueKind);
            var parts = content
                .GetProperty("multipart/form-data")
                .GetProperty("schema")
                .GetProperty("properties")
                .EnumerateObject()
                .Select(one => one.Name.Split('[')[0])
                .ToHashSet();
            Assert.Superset(members.Split(',').ToHashSet(), parts);
        }
    }

    [Fact]
    public async Task Every_problem_of_recycling_is_described_and_the_example_of_a_job_is_right_but_for_its_name()
    {
        var paths = (await DocumentAsync()).GetProperty("paths");
        var described = string.Join(' ', paths.EnumerateObject().Where(path => path.Name.StartsWith("/recycle", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject()).SelectMany(verb => verb.Value.GetProperty("responses").EnumerateObject())
            .Select(response => response.Value.GetProperty("description").GetString()));
        Assert.All(RecycleProblems.All, kind => Assert.Contains($"`{kind.Code}`", described, StringComparison.Ordinal));

        // A name that is taken, which is looked at last, so that no job begins.
        var example = paths
            .GetProperty("/recycle")
            .GetProperty("post")
            .GetProperty("requestBody")
            .GetProperty("content")
            .GetProperty("application/json")
            .GetProperty("example")
            .GetRawText();
        using var content = new StringContent(
            example.Replace("my-meta-lora", "caltech", StringComparison.Ordinal),
            Encoding.UTF8,
            "application/json"
        );
        using var response = await service.Client.PostAsync("/recycle", content, TestContext.Current.CancellationToken);
        await response.IsProblemAsync(409, "meta-lora-name-taken", "name");
    }

    [Fact]
    public async Task Swagger_is_a_page_that_a_browser_may_run_scripts_on()
    {
        using var page = await service.Client.GetAsync("/swagger", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("/swagger/index.html", page.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Contains(
            "script-src 'self' 'unsafe-inline'",
            page.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_table_of_errors_in_the_documentation_is_that_of_the_code()
    {
        var lines = await File.ReadAllLinesAsync(Repository.PathOf("docs", "api.md"), TestContext.Current.CancellationToken);
        var table = lines
            .Where(line => line.StartsWith("| 4", StringComparison.Ordinal) || line.StartsWith("| 5", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[1], cells[2].Trim('`')));

        Assert.Equal(AllProblems.List.Select(kind => ($"{kind.Status}", kind.Code)), table);
    }
}
