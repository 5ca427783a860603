using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

public sealed class RecycleTests(Chromium chromium, PageServer server, TinyServer tiny) : IClassFixture<TinyServer>
{
    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task A_job_is_started_watched_over_a_reload_and_its_result_is_put_to_use(Screen screen)
    {
        var name = $"mine-{screen.ToString().ToLowerInvariant()}";
        await using var visit = await chromium.VisitAsync(tiny.Address, screen, "#/recycle");
        await StartAsync(visit, name, inversion: 6);
        await visit.SeesAsync(visit.Page.Locator(".steps"));
        await visit.Page.ReloadAsync();

        await visit.SeesAsync(visit.Button("Use this one"));
        await visit.SeesAsync(visit.Page.Locator(".chart svg"));
        // 2 LoRAs of 2 classes with 2 pictures each; those that are in sight are there.
        await visit.WaitAsync("document.querySelectorAll('.gallery img').length === 8");
        await visit.Page.Locator(".gallery").ScrollIntoViewIfNeededAsync();
        await visit.WaitAsync("document.querySelector('.gallery img').naturalWidth > 0");
        Assert.Equal(
            ["✓ waiting", "✓ inverting", "✓ distilling", "✓ publishing"],
            await visit.Page.Locator(".steps li").AllInnerTextsAsync()
        ); // no evaluation was asked for
        await visit.LookAsync("job");
        var picture = await visit.Page.Locator(".gallery img").First.GetAttributeAsync("src");
        await visit.Page.GetByLabel("Masks").CheckAsync();
        await visit.SeesAsync(visit.Page.GetByAltText("Mask of synthetic").First);
        await visit.WaitAsync(
            $"document.querySelector('.gallery img').src !== '{picture}' && document.querySelector('.gallery img').naturalWidth > 0"
        );
        await visit.LookAsync("job-masks");
        await visit.Button("Use this one").ClickAsync();
        await visit.SeesAsync($"“{name}” is active.");

        await visit.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Status" }).ClickAsync();
        await visit.SeesAsync(visit.Page.GetByLabel("Meta-LoRAs").GetByText(name).First);

        // The active one is not deleted, and says so; once there is the one before again, it is.
        await visit.Page.GotoAsync($"{tiny.Address}/#/recycle");
        var download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Button($"Download {name}").ClickAsync());
        Assert.Equal($"{name}.zip", download.SuggestedFilename);
        // Those that come with the server cannot be deleted, so nothing offers it.
        foreach (var shipped in TinyServer.MetaLoras)
        {
            await visit.SeesAsync(visit.Button($"Download {shipped}"));
            Assert.Equal(0, await visit.Button($"Delete {shipped}").CountAsync());
        }
        await visit.Button($"Delete {name}").ClickAsync();
        await visit.Button("Keep").ClickAsync();
        Assert.Equal($"delete-{name}", await visit.FocusAsync());
        await visit.Button($"Delete {name}").ClickAsync();
        await visit.Button("Delete").ClickAsync();
        await visit.SeesAsync("it is the active one. Activate another one first");
        await visit.LookAsync("meta-loras");
        await visit.Button($"Back to “{TinyServer.MetaLora}”").ClickAsync();
        await visit.SeesAsync($"“{TinyServer.MetaLora}” answers now.");
        Assert.NotEqual("BODY", await visit.FocusAsync());
        await visit.Button($"Delete {name}").ClickAsync();
        await visit.Button("Delete").ClickAsync();
        await visit.SeesAsync($"“{name}” was deleted.");
        Assert.Equal(0, await visit.Button($"Delete {name}").CountAsync());
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task An_error_marks_the_field_that_it_is_about_and_an_estimate_says_what_is_known(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen, "#/recycle/new");
        await visit.SeesAsync("no job has ended here yet to compare with");
        await visit.Button("Start").ClickAsync();
        await visit.SeesAsync("Choose at least one LoRA.");
        Assert.Equal("lora-search", await visit.FocusAsync());

        await visit.Page.GetByLabel("caltech101-72-000").CheckAsync();
        await visit.SeesAsync("Work: 1 LoRA × 400 inversion steps, then 200 distillation steps.");
        await visit.Page.RouteAsync(
            "**/recycle",
            route =>
                route.FulfillAsync(
                    new RouteFulfillOptions
                    {
                        Status = 422,
                        ContentType = "application/problem+json",
                        Body = """
                            {"title":"A setting is out of range.","detail":"Expected 1 to 100000.","code":"invalid-setting",
                             "field":"inversion.iterations"}
                            """,
                    }
                )
        );
        await visit.Button("Start").ClickAsync();
        await visit.SeesAsync(visit.Page.Locator(".field .refusals").GetByText("Expected 1 to 100000."));
        Assert.Equal("set-inversion-iterations", await visit.FocusAsync());
        Assert.Equal("true", await visit.Page.Locator("#set-inversion-iterations").GetAttributeAsync("aria-invalid"));
        await visit.LookAsync("job-refused");
    }

    [Fact]
    public async Task The_list_of_meta_loras_says_how_well_one_did_where_a_job_measured_it()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        const string Job = """
            {"id":"01","state":"succeeded","stage":"ended","metaLora":"omniglot","created":"2026-01-02T03:04:05Z",
             "started":"2026-01-02T03:04:05Z","ended":"2026-01-02T03:09:05Z","error":null}
            """;
        await visit.Page.RouteAsync("**/recycle?limit=50", route => route.FulfillAsync(Json($$"""{"jobs":[{{Job}}],"next":null}""")));
        await visit.Page.RouteAsync(
            "**/recycle/01",
            route =>
                route.FulfillAsync(
                    Json(
                        $$"""
                        {"job": {{Job}},"evaluation":{"dataSet":"omniglot-small","accuracy":0.861,"interval95":0.004,
                         "active":"default","activeAccuracy":0.804,"activeInterval95":0.005} }
                        """
                    )
                )
        );
        await visit.Page.GotoAsync($"{server.Address}/#/recycle");
        await visit.SeesAsync("right: 86.1 ± 0.4 % on omniglot-small; “default” then: 80.4 ± 0.5 %");
    }

    private static RouteFulfillOptions Json(string body) => new() { ContentType = "application/json", Body = body };

    [Fact]
    public async Task A_job_is_cancelled_after_a_question()
    {
        await using var visit = await chromium.VisitAsync(tiny.Address, Screen.Desktop, "#/recycle");
        await StartAsync(visit, "given-up", inversion: 50_000);
        await visit.SeesAsync(visit.Page.Locator(".meter"));
        // A curve that grows and a time that is left, while it runs.
        await visit.SeesAsync(visit.Page.Locator(".meter-text", new PageLocatorOptions { HasText = "left" }));
        await visit.WaitAsync("document.querySelector('.chart path')?.getAttribute('d').includes('L') === true");
        await visit.LookAsync("job-running");
        await visit.Button("Cancel the job…").ClickAsync();
        await visit.Button("Keep running").ClickAsync();
        await visit.WaitAsync("document.activeElement.id === 'end-job'"); // also where the button was drawn again meanwhile
        await visit.Button("Cancel the job…").ClickAsync();
        await visit.Button("Cancel job").ClickAsync();
        await visit.SeesAsync(visit.Page.Locator(".chip", new PageLocatorOptions { HasText = "cancelled" }));
    }

    [Fact]
    public async Task The_result_can_be_evaluated_on_the_data_sets_that_the_server_has_or_on_none()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop, "#/recycle/new");
        var choice = visit.Page.GetByLabel("Evaluate on");
        await visit.SeesAsync(choice);
        Assert.Equal(["none (no comparison)", "caltech101-72", "omniglot-small"], await choice.Locator("option").AllInnerTextsAsync());
        await choice.SelectOptionAsync("caltech101-72");
        await visit.Page.GetByLabel("caltech101-72-000").CheckAsync();
        string? sent = null;
        visit.Page.Request += (_, request) => sent = request.Method == "POST" ? request.PostData : sent;
        await visit.Page.RouteAsync("**/recycle", route => route.FulfillAsync(new RouteFulfillOptions { Status = 503, Body = "{}" }));
        await visit.Button("Start").ClickAsync();
        await visit.SeesAsync("The server answered 503.");
        Assert.Contains("\"validation\":{\"dataSet\":\"caltech101-72\"}", sent, StringComparison.Ordinal);
    }

    private static async Task StartAsync(Visit visit, string name, int inversion)
    {
        await visit.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "New job…" }).ClickAsync();
        foreach (var lora in TinyServer.Loras)
            await visit.Page.GetByLabel(lora).CheckAsync();
        await visit.LookAsync("job-form");
        await visit.Page.Locator("#job-name").FillAsync(name);
        foreach (
            var (label, value) in new[]
            {
                ("Inversion steps", inversion),
                ("Images per class", 2),
                ("Distillation steps", 4),
                ("Queries per class", 1),
                ("Rank", 2),
            }
        )
            await visit
                .Page.GetByLabel(label, new PageGetByLabelOptions { Exact = true })
                .And(visit.Page.Locator("#recycle-body input"))
                .FillAsync($"{value}");
        await visit.Button("Start").ClickAsync();
    }
}
