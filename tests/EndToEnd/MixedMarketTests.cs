using System.Text.Json.Nodes;
using LoraRecycle.EndToEnd.Jobs;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>One market of adapters of twelve kinds, recycled together on the tiny model.</summary>
public sealed class MixedMarketTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-mixed-");

    public MixedMarketTests() => MixedMarket.Write(PathOf("mixed"));

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Every_family_is_inverted_by_itself_and_all_are_distilled_into_one_meta_lora()
    {
        await Done(
            "recycle",
            "--market",
            PathOf("mixed"),
            "--out",
            PathOf("meta"),
            "--invert-iterations",
            "6",
            "--invert-images",
            "2",
            "--invert-prior",
            "none",
            "--distill-iterations",
            "6",
            "--distill-episodes",
            "1",
            "--distill-shots",
            "1",
            "--distill-queries",
            "1",
            "--model",
            TinyModel.Directory,
            "--device",
            "cpu"
        );

        var run = JsonNode.Parse(await File.ReadAllTextAsync(PathOf("meta", "run.json"), TestContext.Current.CancellationToken))![
            "loras"
        ]!.AsArray();
        Assert.Equal(
            MixedMarket.Adapters.Order(StringComparer.Ordinal),
            run.Select(lora => (string)lora!["name"]!).Order(StringComparer.Ordinal)
        );
        Assert.All(run, lora => Assert.Null(lora!["failure"]));

        var answer = await Done(
            "classify", Repository.PathOf("samples"), Directory.EnumerateFiles(Repository.PathOf("samples", "cup")).First(),
            "--model", TinyModel.Directory, "--adapter", PathOf("meta"), "--device", "cpu", "--json");
        Assert.NotNull(JsonNode.Parse(answer)![0]!["label"]);
    }

    [Fact]
    public async Task Uploaded_to_a_server_they_are_listed_by_family_and_recycled_by_a_job()
    {
        await using var server = await JobServer.StartAsync(PathOf("data"));
        using var client = new JobClient(server.Address);
        var uploaded = new Dictionary<string, string>();
        foreach (var name in MixedMarket.Adapters)
            uploaded[await client.UploadAsync(PathOf("mixed", name))] = name;

        var listed = (await client.GetAsync("/loras?origin=uploaded")).GetProperty("loras").EnumerateArray().ToArray();
        Assert.Equal(
            ["boft", "fourierft", "hra", "ia3", "loha", "lokr", "lora", "oft", "randlora", "vblora", "vera"],
            listed.Select(lora => lora.GetProperty("family").GetString()!).Distinct().Order(StringComparer.Ordinal));

        var job = await client.StartAsync(JobServer.Request([.. uploaded.Keys], "of-many-families"));
        var events = await client.FollowAsync(job);
        Assert.True(events[^1].Is("state", "state", "succeeded"), events[^1].Data.ToString());
        var loras = (await client.GetAsync($"/recycle/{job}")).GetProperty("loras").EnumerateArray().ToArray();
        Assert.Equal(MixedMarket.Adapters.Count, loras.Length);
        Assert.Equal("ready", (await client.GetAsync("/meta-loras/of-many-families")).GetProperty("status").GetString());
    }

    private static async Task<string> Done(params string[] line)
    {
        var (code, output, error) = await CommandLineProcess.RunAsync(
            "env",
            ["DOTNET_PROCESSOR_COUNT=1", CommandLineProcess.Program, .. line]
        );
        Assert.Equal((0, ""), (code, error));
        return output;
    }

    private string PathOf(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);
}
