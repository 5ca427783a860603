using System.Net.Http.Json;
using System.Text.Json;
using LoraRecycle.Service.Tests.Keys;

namespace LoraRecycle.Service.Tests.Loras;

/// <summary>Names that are more than names, and what others could see of an upload.</summary>
public sealed class HostileNameTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-names-");

    public void Dispose() => _folder.Delete(recursive: true);

    public static TheoryData<string> Bad =>
        ["", " ", new string('a', 201), "a\u202Eb", "a\u202Ab", "a\u2066b", "a\u2069b", "a\u0007b", "a\u2028b"];

    [Theory, MemberData(nameof(Bad))]
    public async Task Names_of_classes_keep_to_the_rules_of_labels(string name)
    {
        await using var service = await MarketService.StartAsync(Path.Combine(_folder.FullName, "data"));
        var files = LoraSamples.Peft(1, ["cup", "chair"]);
        files[LoraSamples.Classes] = JsonSerializer.SerializeToUtf8Bytes(new[] { "cup", name });
        using var response = await service.PostAsync(files);

        await response.IsProblemAsync(422, "unusable-lora", LoraSamples.Classes);
    }

    [Theory]
    [InlineData("a\u202Eb")]
    [InlineData("a\u2067b")]
    public async Task Names_of_loras_do_not_turn_what_follows_them(string name)
    {
        await using var service = await MarketService.StartAsync(Path.Combine(_folder.FullName, "data"));
        using var response = await service.PostAsync(LoraSamples.Peft(1), name);

        await response.IsProblemAsync(422, "invalid-name", "name");
    }

    [Theory, MemberData(nameof(Bad))]
    public async Task Labels_of_a_request_keep_to_them_as_well(string label)
    {
        await using var service = await KeyedService.StartAsync();
        using var content = JsonContent.Create(EpisodeRequests.WithLabel(label));
        using var response = await service.SendAsync(HttpMethod.Post, "/classify", content: content);

        await response.IsProblemAsync(
            422,
            string.IsNullOrWhiteSpace(label) ? "empty-label" : label.Length > 100 ? "label-too-long" : "invalid-label",
            "support[0].label"
        );
    }

    [Theory]
    [InlineData("caf\u00E9 \u4E2D\u6587 \U0001F468\u200D\U0001F373")] // joined by U+200D, as many emoji are
    [InlineData("\U0001FAFF")] // not assigned yet
    [InlineData("\u200Fa")]
    public async Task Labels_in_any_script_are_taken(string label)
    {
        await using var service = await KeyedService.StartAsync();
        using var content = JsonContent.Create(EpisodeRequests.WithLabel(label));
        using var response = await service.SendAsync(HttpMethod.Post, "/classify", content: content);

        await response.AnswerAsync();
    }

    [Fact]
    public async Task What_is_kept_is_for_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
            return;
        var data = Path.Combine(_folder.FullName, "data");
        await using var service = await MarketService.StartAsync(data);
        await service.AddAsync(LoraSamples.Peft(1, ["cup", "chair"]));
        const UnixFileMode Others = (UnixFileMode)0b111_111;

        var open = Directory.EnumerateFileSystemEntries(data, "*", SearchOption.AllDirectories).Append(data)
            .Where(path => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0);
        Assert.Empty(open);
        Assert.True(File.Exists(Path.Combine(data, "state.db")));
    }

    [Theory]
    [InlineData("""{"support":[],"support":[]}""")]
    [InlineData("""{"metaLora":"none","support":[],"metaLora":"none"}""")]
    [InlineData("""{"support":[{"label":"cup","label":"chair"}]}""")]
    public async Task A_name_that_comes_twice_in_an_episode_is_refused(string body)
    {
        await using var service = await KeyedService.StartAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await service.SendAsync(HttpMethod.Post, "/classify", content: content);
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;

        Assert.Equal((400, "malformed-json"), ((int)response.StatusCode, problem.GetProperty("code").GetString()));
    }
}
