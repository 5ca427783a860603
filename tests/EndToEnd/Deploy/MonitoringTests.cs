using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LoraRecycle.Service.Tests.Metrics;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd.Deploy;

/// <summary>What the dashboard and the alerts ask Prometheus for, against what a real server tells it.</summary>
public sealed partial class MonitoringTests(ServedProcess server) : IClassFixture<ServedProcess>
{
    private const string Folder = "deploy/monitoring";

    // Prometheus' own labels, and those that its discovery sets.
    private static readonly string[] OfPrometheus = ["job", "instance", "namespace", "pod", "le"];

    private static JsonNode Dashboard => JsonNode.Parse(File.ReadAllText(Repository.PathOf("deploy", "monitoring", "dashboard.json")))!;

    private static IEnumerable<JsonNode> Panels =>
        Dashboard["panels"]!.AsArray().Select(panel => panel!).Where(panel => (string)panel["type"]! != "row");

    private static IReadOnlyList<(string Name, string Query)> Queries =>
        [
            .. Panels.SelectMany(panel =>
                panel["targets"]!.AsArray().Select(target => ((string)panel["title"]!, (string)target!["expr"]!))
            ),
            .. Manifests
                .Of(Folder)
                .Where(manifest => manifest.Kind == "PrometheusRule")
                .SelectMany(manifest => manifest.Node.Items("spec/groups"))
                .SelectMany(group => group.Items("rules"))
                .Select(rule => (rule.Text("alert")!, rule.Text("expr")!)),
        ];

    [Fact]
    public async Task Every_metric_and_label_that_is_asked_for_is_one_that_the_server_exports()
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        var (page, routes) = await UsedAsync(http);
        var labels = page.Samples.Keys.ToLookup(
            sample => sample.Split('{')[0],
            sample => Label().Matches(sample).Select(match => match.Groups[1].Value)
        );
        var documented = File.ReadAllText(Repository.PathOf("docs", "operations.md"));

        var seen = 0;
        foreach (var (name, query) in Queries)
        {
            var (selectors, grouping) = PromQl.Read(query);
            Assert.NotEmpty(selectors);
            foreach (var (metric, matchers) in selectors)
            {
                seen++;
                if (metric == "up")
                    continue; // Prometheus' own
                if (
                    metric.StartsWith("lora_recycle_device_", StringComparison.Ordinal)
                    || metric.StartsWith("lora_recycle_unit_", StringComparison.Ordinal)
                )
                {
                    // A CPU has none of the ones, and no job has run here for the others.
                    Assert.Contains($"`{OfHistogram().Replace(metric, "")}`", documented, StringComparison.Ordinal);
                    continue;
                }
                Assert.True(labels.Contains(metric), $"{name}: the server exports no {metric}.");
                string[] known = [.. labels[metric].SelectMany(sample => sample), .. OfPrometheus];
                foreach (var label in grouping.Concat(matchers.Select(matcher => matcher.Label)))
                    Assert.True(known.Contains(label), $"{name}: {metric} has no label {label}.");
                foreach (var (_, _, route) in matchers.Where(matcher => matcher is { Label: "http_route", Operator: "=" }))
                    Assert.Contains(route, routes);
            }
        }
        Assert.True(seen > 30, "The queries were not found.");
    }

    [Fact]
    public void Panels_have_a_title_a_place_of_their_own_and_data()
    {
        var places = new HashSet<(int, int)>();
        foreach (var panel in Dashboard["panels"]!.AsArray())
        {
            Assert.NotEmpty((string)panel!["title"]!);
            var at = panel["gridPos"]!;
            for (var x = (int)at["x"]!; x < (int)at["x"]! + (int)at["w"]!; x++)
                for (var y = (int)at["y"]!; y < (int)at["y"]! + (int)at["h"]!; y++)
                    Assert.True(places.Add((x, y)) && x < 24, $"{panel["title"]} lies on another panel, or outside.");
        }
        var ids = Dashboard["panels"]!.AsArray().Select(panel => (int)panel!["id"]!).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        var variables = Dashboard["templating"]!["list"]!.AsArray().Select(variable => (string)variable!["name"]!).ToHashSet();
        foreach (var (_, query) in Queries)
            foreach (Match variable in Variable().Matches(query))
                Assert.True(
                    variable.Groups[1].Value.StartsWith("__", StringComparison.Ordinal) || variables.Contains(variable.Groups[1].Value),
                    $"{query}: there is no variable {variable.Value}."
                );
        Assert.All(Panels, panel => Assert.Equal("${datasource}", (string)panel["datasource"]!["uid"]!));
    }

    [Fact]
    public void Alerts_say_what_is_wrong_and_what_to_do()
    {
        var rules = Manifests
            .Of(Folder)
            .Single(manifest => manifest.Kind == "PrometheusRule")
            .Node.Items("spec/groups")
            .SelectMany(group => group.Items("rules"))
            .ToArray();
        Assert.NotEmpty(rules);
        Assert.All(rules, rule =>
        {
            Assert.Matches(@"^\d+[mh]$", rule.Text("for")!);
            Assert.Contains(rule.Text("labels/severity"), (string[])["warning", "critical"]);
            Assert.Contains("{{ $labels.", rule.Text("annotations/summary")!, StringComparison.Ordinal);
            Assert.False(string.IsNullOrEmpty(rule.Text("annotations/description")));
            // Not more labels in the text than the query leaves.
            var (selectors, grouping) = PromQl.Read(rule.Text("expr")!);
            if (rule.Text("expr")!.Contains(" by (", StringComparison.Ordinal))
                foreach (Match label in LabelInText().Matches(rule.Text("annotations/summary")!))
                    Assert.Contains(label.Groups[1].Value, grouping);
            Assert.All(selectors, selector => Assert.Contains(("job", "=", "lora-recycle"), selector.Matchers));
        });
        Assert.Equal(rules.Length, rules.Select(rule => rule.Text("alert")).Distinct().Count());
    }

    [Fact]
    public async Task Pods_are_scraped_at_the_route_and_port_that_they_have_with_a_key()
    {
        var manifests = Manifests.Of(Folder);
        var monitor = manifests.Single(manifest => manifest.Kind == "PodMonitor").Node;
        var endpoint = Assert.Single(monitor.Items("spec/podMetricsEndpoints"));
        using var http = new HttpClient();
        using var scraped = await http.GetAsync(new Uri(server.Address + endpoint.Text("path")), TestContext.Current.CancellationToken);
        Assert.True(scraped.IsSuccessStatusCode);

        var deployments = Manifests.Of("deploy/kubernetes/base").Where(manifest => manifest.Kind == "Deployment").ToArray();
        Assert.All(
            deployments,
            deployment =>
            {
                Assert.Contains(deployment.Container.Items("ports"), port => port.Text("name") == endpoint.Text("port"));
                foreach (var (label, value) in monitor.Pairs("spec/selector/matchLabels"))
                    Assert.Equal(value, deployment.Node.Pairs("spec/template/metadata/labels")[label]);
                // What the alerts ask for.
                Assert.Equal("lora-recycle", deployment.Node.Pairs("spec/template/metadata/labels")[monitor.Text("spec/jobLabel")!]);
            }
        );
        var readme = await File.ReadAllTextAsync(Repository.PathOf("deploy", "README.md"), TestContext.Current.CancellationToken);
        Assert.Contains($"create secret generic {endpoint.Text("authorization/credentials/name")} ", readme, StringComparison.Ordinal);
        Assert.Contains($"--from-literal={endpoint.Text("authorization/credentials/key")}=", readme, StringComparison.Ordinal);
    }

    /// <summary>The metrics after one request of each sort that the panels tell apart.</summary>
    private static async Task<(PrometheusPage Page, string[] Routes)> UsedAsync(HttpClient http)
    {
        for (var i = 0; i < 2; i++)
        {
            using var form = new MultipartFormDataContent();
            foreach (var label in new[] { "cup", "chair" })
                form.Add(new ByteArrayContent(Photograph(label)), $"support[{label}]", "photograph.jpg");
            form.Add(new ByteArrayContent(Photograph("cup")), "query", "photograph.jpg");
            using var answer = await http.PostAsync("/classify", form, TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode);
        }
        using (var activated = await http.PutAsJsonAsync("/meta-loras/active", new { id = "none" }, TestContext.Current.CancellationToken))
            Assert.True(activated.IsSuccessStatusCode);
        using (await http.GetAsync("/loras/missing", TestContext.Current.CancellationToken))
        {
        }
        var document = JsonNode.Parse(await http.GetStringAsync("/swagger/v1/swagger.json", TestContext.Current.CancellationToken))!;
        var text = "";
        // A request is counted once it has ended, which is just after its answer.
        while (!text.Contains("http_route=\"/loras/{id}\"", StringComparison.Ordinal))
            text = await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        return (PrometheusPage.Parse(text), [.. document["paths"]!.AsObject().Select(path => path.Key)]);
    }

    private static byte[] Photograph(string label) =>
        File.ReadAllBytes(Directory.GetFiles(Repository.PathOf("samples", label), "*.jpg").Order(StringComparer.Ordinal).First());

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex OfHistogram();

    [GeneratedRegex("([a-zA-Z_][a-zA-Z0-9_]*)=\"")]
    private static partial Regex Label();

    [GeneratedRegex(@"\$(\w+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$labels\.(\w+)")]
    private static partial Regex LabelInText();
}
